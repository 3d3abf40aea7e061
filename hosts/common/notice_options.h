// File: common/notice_options.h
//
// Where a host sends notices, as an operator says it.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}  // namespace CLI

namespace mcpgate::hosts {

/// As written. What ends in `_file` may be in a variable too, MCPGATE_NOTICE_WEBHOOK_SECRET for one.
struct NoticeOptions {
  std::string webhook, webhook_secret_file;
  std::string slack_url_file;
  std::string mail, mail_from, mail_user, mail_password_file;
  std::vector<std::string> mail_to;
  bool allow_private = false;
  bool operator==(const NoticeOptions&) const = default;
};
/// Each is an environment variable too. `options` outlives the parse.
void DeclareNoticeOptions(CLI::App& app, NoticeOptions& options);

}  // namespace mcpgate::hosts
