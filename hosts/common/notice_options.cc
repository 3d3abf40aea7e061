#include "common/notice_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <utility>

namespace mcpgate::hosts {
namespace {

void DeclareMail(CLI::App& app, NoticeOptions& options) {
  app.add_option("--notice-mail", options.mail, "Mail them: smtps://HOST:PORT, or smtp:// with STARTTLS")
      ->envname("MCPGATE_NOTICE_MAIL")
      ->type_name("URL");
  app.add_option("--notice-mail-from", options.mail_from, "Who the mails are from")
      ->envname("MCPGATE_NOTICE_MAIL_FROM")
      ->type_name("ADDR");
  app.add_option("--notice-mail-to", options.mail_to, "Who gets them; repeatable")
      ->envname("MCPGATE_NOTICE_MAIL_TO")
      ->delimiter(',')
      ->type_name("ADDR");
  app.add_option("--notice-mail-user", options.mail_user, "Who logs in at the mail server [nobody]")
      ->envname("MCPGATE_NOTICE_MAIL_USER")
      ->type_name("NAME");
  app.add_option("--notice-mail-password-file", options.mail_password_file,
                 "File (mode 0600) with the password; or\nMCPGATE_NOTICE_MAIL_PASSWORD[_FILE]")
      ->type_name("FILE");
}

}  // namespace

void DeclareNoticeOptions(CLI::App& app, NoticeOptions& options) {
  app.add_option("--notice-webhook", options.webhook,
                 "POST notices there: a budget nearly spent, a limit nearly\nused up, a key replaced, a key "
                 "that ends within a week")
      ->envname("MCPGATE_NOTICE_WEBHOOK")
      ->type_name("URL");
  app.add_option("--notice-webhook-secret-file", options.webhook_secret_file,
                 "File (mode 0600) with what signs them, whsec_... as Standard\nWebhooks has it; or "
                 "MCPGATE_NOTICE_WEBHOOK_SECRET[_FILE]")
      ->type_name("FILE");
  app.add_option("--notice-slack-url-file", options.slack_url_file,
                 "File (mode 0600) with the URL of an incoming webhook of Slack;\nor "
                 "MCPGATE_NOTICE_SLACK_URL[_FILE]")
      ->type_name("FILE");
  DeclareMail(app, options);
  app.add_flag("--notice-private", options.allow_private,
               "Send them to private addresses and this machine too")
      ->envname("MCPGATE_NOTICE_PRIVATE");
}

}  // namespace mcpgate::hosts
