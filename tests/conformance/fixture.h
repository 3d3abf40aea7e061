// File: fixture.h
//
// What the conformance suite asks a server to offer. The names, texts and schemas are the suite's own; every
// handler serves both eras.
#pragma once

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "mcpgate/registry.h"
#include "mcpgate/schema.h"
#include "mcpgate/server.h"

namespace mcpgate::conformance {

/// Tells the clients that listen. Called from several threads at once.
using Publisher = std::function<void(ServerEvent::Kind)>;

/// Texts, pictures, sounds, errors, progress, log messages, schemas. The first of them can be called with
/// `{}`: the suite's header checks call the first tool of the list.
absl::Status AddTools(Registry& registry);
/// Tools that ask the client while they run.
absl::Status AddQuestions(Registry& registry);
/// Tools that go on as tasks, for clients that know them.
absl::Status AddTasks(Registry& registry);
/// Tools that let something change, for whoever listens.
absl::Status AddTriggers(Registry& registry, Publisher publish);
absl::Status AddPrompts(Registry& registry);
absl::Status AddResources(Registry& registry);

/// A tool as all of these are: anybody with a key may call it, and it changes nothing outside.
template <typename T, typename Fn>
Tool MakeFixtureTool(std::string name, std::string description, const Schema<T>& schema, Fn fn) {
  Tool tool = MakeTool(std::move(name), std::move(description), schema, std::move(fn));
  tool.role = Role::kReader;
  tool.annotations = {.read_only = true, .destructive = false};
  return tool;
}
template <typename Fn>
Tool MakeFixtureTool(std::string name, std::string description, Fn fn) {
  return MakeFixtureTool(std::move(name), std::move(description), Schema<NoArguments>(), std::move(fn));
}

}  // namespace mcpgate::conformance
