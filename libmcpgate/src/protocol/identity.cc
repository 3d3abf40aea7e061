#include "protocol/identity.h"

#include <utility>

#include "protocol/message.h"

namespace mcpgate {
namespace {

// How long a client may keep the answer to server/discover; it changes only with the program.
constexpr int kDiscoverTtlMs = 300'000;

Json Info(std::string_view name, std::string_view title, std::string_view version) {
  Json info = {{"name", name}, {"version", version}};
  if (!title.empty()) info["title"] = title;
  return info;
}

std::string WithoutBraces(const Json& object) {
  std::string text = DumpJson(object);
  return text.substr(1, text.size() - 2);
}

}  // namespace

Identity::Identity(std::string_view name, std::string_view title, std::string_view version,
                   std::string_view instructions)
    : info_(Info(name, title, version)),
      instructions_(instructions),
      modern_tail_(WithoutBraces(
          {{"resultType", "complete"}, {"_meta", {{"io.modelcontextprotocol/serverInfo", info_}}}})) {}

void Identity::AppendResult(std::string& text, Revision revision, std::string_view members) const {
  text += '{';
  text += members;
  if (IsModern(revision)) {
    if (!members.empty()) text += ',';
    text += modern_tail_;
  }
  text += '}';
}

std::string Identity::Result(Revision revision, std::string_view members) const {
  std::string text;
  AppendResult(text, revision, members);
  return text;
}

std::string Identity::ResultMessage(const Json& id, Revision revision, std::string_view members) const {
  std::string text;
  text.reserve(members.size() + modern_tail_.size() +
               64);  // an answer in one allocation, unless its id is long
  BeginResult(text, id);
  AppendResult(text, revision, members);
  text += '}';
  return text;
}

std::string Identity::InputRequired(const Json& members) const {
  Json result = members;
  result["resultType"] = "input_required";
  result["_meta"] = {{"io.modelcontextprotocol/serverInfo", info_}};
  return DumpJson(result);
}

std::string Identity::Task(const Json& members) const {
  Json result = members;
  result["resultType"] = "task";
  result["_meta"] = {{"io.modelcontextprotocol/serverInfo", info_}};
  return DumpJson(result);
}

std::string Identity::Discover(const Json& capabilities) const {
  Json members = {{"supportedVersions", ModernRevisions()},
                  {"capabilities", capabilities},
                  {"ttlMs", kDiscoverTtlMs},
                  {"cacheScope", "private"}};
  if (!instructions_.empty()) members["instructions"] = instructions_;
  return Result(kNewestModern, WithoutBraces(members));
}

std::string Identity::Initialize(Revision settled, const Json& capabilities) const {
  Json members = {
      {"protocolVersion", RevisionName(settled)}, {"capabilities", capabilities}, {"serverInfo", info_}};
  if (!instructions_.empty()) members["instructions"] = instructions_;
  return Result(settled, WithoutBraces(members));
}

}  // namespace mcpgate
