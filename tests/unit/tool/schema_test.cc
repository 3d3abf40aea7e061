#include "mcpgate/schema.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "mcpgate/registry.h"
#include "tool/compiled_schema.h"

namespace mcpgate {
namespace {

struct Address {
  std::string street;
  std::optional<std::int64_t> number;
};

struct Order {
  std::string name;
  bool urgent = false;
  std::int64_t amount = 0;
  double price = 0;
  std::optional<std::string> note;
  std::vector<std::string> tags;
  std::optional<std::vector<std::int64_t>> sizes;
  Address home;
  std::optional<Address> work;
  std::vector<Address> others;
  Json extra;
};

Schema<Address> AddressSchema() {
  return Schema<Address>()
      .Field("street", &Address::street, "Without the number")
      .Field("number", &Address::number);
}

Schema<Order> OrderSchema() {
  return Schema<Order>()
      .Field("name", &Order::name, "Who orders")
      .Field("urgent", &Order::urgent)
      .Field("amount", &Order::amount)
      .Field("price", &Order::price)
      .Field("note", &Order::note)
      .Field("tags", &Order::tags)
      .Field("sizes", &Order::sizes)
      .Field("home", &Order::home, AddressSchema(), "Where to")
      .Field("work", &Order::work, AddressSchema())
      .Field("others", &Order::others, AddressSchema())
      .Field("extra", &Order::extra);
}

Json FullOrder() {
  return *ParseJson(R"({
    "name": "Ada", "urgent": true, "amount": 3.0, "price": 7, "note": "soon", "tags": ["a", "b"],
    "sizes": [1, 2], "home": {"street": "Main", "number": 5}, "work": {"street": "Side"},
    "others": [{"street": "Far"}, {"street": "Near", "number": 1}], "extra": {"any": [null]}})");
}

// Refuses to be used: the tools under test do not need one.
class NoContext final : public CallContext {
 public:
  const Principal& principal() const override { return principal_; }
  const std::string& call_id() const override { return call_id_; }
  std::stop_token stop_token() const override { return {}; }
  Nanos deadline() const override { return {}; }
  void Progress(double, std::optional<double>, std::string_view) override {}
  bool Permits(std::string_view) const override { return false; }
  absl::Status Authorize(std::string_view) override { return absl::PermissionDeniedError("no"); }
  absl::StatusOr<Json> LimitStandings(std::string_view) const override { return Json::array(); }

 private:
  Principal principal_;
  std::string call_id_ = "call-1";
};

std::string TextOf(const absl::StatusOr<ToolResult>& result) {
  REQUIRE(result.ok());
  return result->content[0]["text"].get<std::string>();
}

bool Says(const absl::Status& status, std::string_view words) {
  INFO(status.ToString());
  return !status.ok() && std::string(status.message()).find(words) != std::string::npos;
}

TEST_CASE("fields become properties, and those that are not optional are required") {
  CHECK(AddressSchema().Json() == *ParseJson(R"({
    "type": "object", "additionalProperties": false, "required": ["street"],
    "properties": {"street": {"type": "string", "description": "Without the number"},
                   "number": {"type": "integer"}}})"));
}

TEST_CASE("a nested struct is described in place") {
  const Json properties = OrderSchema().Json()["properties"];
  CHECK(properties["home"]["properties"]["street"]["type"] == "string");
  CHECK(properties["home"]["description"] == "Where to");
  CHECK(properties["others"]["type"] == "array");
  CHECK(properties["others"]["items"]["required"] == Json::array({"street"}));
  CHECK(properties["extra"] == Json::object());
}

TEST_CASE("a struct without fields is an object without properties") {
  CHECK(Schema<NoArguments>().Json() == Json{{"type", "object"}, {"additionalProperties", false}});
  CHECK(Schema<NoArguments>().Decode(Json::object()).ok());
}

TEST_CASE("modifiers become keywords of the field before them") {
  const Json properties = Schema<Order>()
                              .Field("name", &Order::name)
                              .MinLength(1)
                              .MaxLength(80)
                              .Pattern("^[a-z]+$")
                              .Field("amount", &Order::amount)
                              .Between(1, 5)
                              .Field("price", &Order::price)
                              .AtLeast(0.5)
                              .AtMost(100)
                              .Field("note", &Order::note)
                              .OneOf({"soon", "later"})
                              .Field("tags", &Order::tags)
                              .MinItems(1)
                              .MaxItems(3)
                              .MaxLength(20)
                              .Json()["properties"];
  CHECK(properties == *ParseJson(R"({
    "name": {"type": "string", "minLength": 1, "maxLength": 80, "pattern": "^[a-z]+$"},
    "amount": {"type": "integer", "minimum": 1, "maximum": 5},
    "price": {"type": "number", "minimum": 0.5, "maximum": 100},
    "note": {"type": "string", "enum": ["soon", "later"]},
    "tags": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "string", "maxLength": 20}}})"));
}

TEST_CASE("narrow integers say their range") {
  struct Narrow {
    std::int8_t tiny = 0;
    std::uint32_t plain = 0;
    std::uint64_t big = 0;
  };
  const Json properties = Schema<Narrow>()
                              .Field("tiny", &Narrow::tiny)
                              .Field("plain", &Narrow::plain)
                              .Field("big", &Narrow::big)
                              .Json()["properties"];
  CHECK(properties["tiny"] == Json{{"type", "integer"}, {"minimum", -128}, {"maximum", 127}});
  CHECK(properties["plain"] == Json{{"type", "integer"}, {"minimum", 0}, {"maximum", 4294967295}});
  CHECK(properties["big"] == Json{{"type", "integer"}, {"minimum", 0}});
}

TEST_CASE("a full value is decoded into the struct") {
  const Schema<Order> schema = OrderSchema();
  REQUIRE((*CompiledSchema::Compile(schema.Json()))->Validate(FullOrder()).empty());
  const auto order = schema.Decode(FullOrder());
  REQUIRE(order.ok());
  CHECK(order->name == "Ada");
  CHECK(order->urgent);
  CHECK(order->amount == 3);
  CHECK(order->price == 7.0);
  CHECK(order->note == "soon");
  CHECK(order->tags == std::vector<std::string>{"a", "b"});
  CHECK(order->sizes == std::vector<std::int64_t>{1, 2});
  CHECK(order->home.number == 5);
  CHECK(order->work->street == "Side");
  CHECK_FALSE(order->work->number.has_value());
  REQUIRE(order->others.size() == 2);
  CHECK(order->others[1].number == 1);
  CHECK(order->extra == Json{{"any", Json::array({nullptr})}});
}

TEST_CASE("optional fields that are not given stay empty") {
  Json given = FullOrder();
  for (const char* name : {"note", "sizes", "work"}) given.erase(name);
  const auto order = OrderSchema().Decode(given);
  REQUIRE(order.ok());
  CHECK_FALSE(order->note.has_value());
  CHECK_FALSE(order->sizes.has_value());
  CHECK_FALSE(order->work.has_value());
}

TEST_CASE("a default stands in for what is not given, and is listed") {
  const auto schema = Schema<Address>()
                          .Field("street", &Address::street)
                          .Default("Main")
                          .Field("number", &Address::number)
                          .Between(1, 9)
                          .Default(4);
  REQUIRE(schema.status().ok());
  CHECK_FALSE(schema.Json().contains("required"));
  CHECK(schema.Json()["properties"]["street"]["default"] == "Main");
  const auto address = schema.Decode(Json::object());
  REQUIRE(address.ok());
  CHECK(address->street == "Main");
  CHECK(address->number == 4);
  CHECK(schema.Decode({{"street", "Side"}})->street == "Side");
}

TEST_CASE("integers that exceed their C++ type are refused by name, not wrapped") {
  struct Row {
    Json value;
    bool fits;
  };
  const auto schema = Schema<Address>().Field("number", &Address::number);
  for (const Row& row :
       {Row{std::numeric_limits<std::int64_t>::max(), true},
        Row{std::numeric_limits<std::int64_t>::min(), true},
        Row{std::numeric_limits<std::uint64_t>::max(), false}, Row{9223372036854775808.0, false},
        Row{-9223372036854775808.0, true}, Row{1e300, false}, Row{-1e300, false}}) {
    CAPTURE(row.value.dump());
    const auto decoded = schema.Decode({{"number", row.value}});
    CHECK(decoded.ok() == row.fits);
    if (!row.fits) CHECK(Says(decoded.status(), "'number'"));
  }
}

TEST_CASE("decoding what does not fit the schema is an error and never an exception") {
  for (const char* text : {"null", "[]", "{}", R"({"street": 5})", R"({"street": "x", "number": "5"})",
                           R"({"street": "x", "number": 1.5})"}) {
    CAPTURE(text);
    CHECK_FALSE(AddressSchema().Decode(*ParseJson(text)).ok());
  }
}

TEST_CASE("mistakes in a declaration are reported when the tool is registered") {
  struct Row {
    Schema<Order> schema;
    std::string words;
  };
  const Row rows[] = {
      {Schema<Order>().MaxLength(3), "MaxLength stands before the first field"},
      {Schema<Order>().Default(3), "Default stands before the first field"},
      {Schema<Order>().Field("amount", &Order::amount).MaxLength(3), "'amount' cannot have MaxLength"},
      {Schema<Order>().Field("name", &Order::name).Between(1, 2), "'name' cannot have AtLeast"},
      {Schema<Order>().Field("urgent", &Order::urgent).OneOf({"a"}), "'urgent' cannot have OneOf"},
      {Schema<Order>().Field("name", &Order::name).MinItems(1), "'name' cannot have MinItems"},
      {Schema<Order>().Field("extra", &Order::extra).MinLength(1), "'extra' cannot have MinLength"},
      {Schema<Order>().Field("sizes", &Order::sizes).Pattern("a"), "'sizes' cannot have Pattern"},
      {Schema<Order>().Field("name", &Order::name).Field("name", &Order::note), "'name' is declared twice"},
      {Schema<Order>().Field("", &Order::name), "has no name"},
      {Schema<Order>().Field("amount", &Order::amount).Between(5, 1),
       "'amount' has a minimum above its maximum"},
      {Schema<Order>().Field("tags", &Order::tags).MinLength(5).MaxLength(1), "'tags' has a minLength above"},
      {Schema<Order>().Field("amount", &Order::amount).Default("x"),
       "'amount' has a default that does not fit"},
      {Schema<Order>().Field("amount", &Order::amount).Between(1, 5).Default(9), "at most 5, is 9"},
      {Schema<Order>().Field("amount", &Order::amount).AtLeast("x"),
       "/properties/amount/minimum must be a number"},
      {Schema<Order>().Field("name", &Order::name).Pattern("a(?=b)"), "look-around"},
      {Schema<Order>().Field("home", &Order::home, Schema<Address>().MinLength(1)), "before the first field"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.words);
    const absl::Status status =
        Registry().Add(MakeTool("order", "Orders.", row.schema, [](const Order&) { return "ok"; }));
    CHECK(absl::IsInvalidArgument(status));
    CHECK(Says(status, "tool \"order\""));
    CHECK(Says(status, row.words));
  }
}

TEST_CASE("a function may answer with text, a result, or a status of either, with or without context") {
  const auto schema = AddressSchema();
  NoContext context;
  const Json arguments = {{"street", "Main"}};
  const Tool tools[] = {
      MakeTool("a", "", schema, [](const Address& a) { return a.street; }),
      MakeTool("b", "", schema, [](const Address&) { return "Main"; }),
      MakeTool("c", "", schema, [](const Address& a) { return ToolResult::Text(a.street); }),
      MakeTool("d", "", schema, [](const Address& a) -> absl::StatusOr<std::string> { return a.street; }),
      MakeTool("e", "", schema,
               [](const Address& a) -> absl::StatusOr<ToolResult> { return ToolResult::Text(a.street); }),
      MakeTool("f", "", schema, [](const Address& a, CallContext&) { return a.street; }),
      MakeTool("g", "", schema,
               [](const Address& a, CallContext&) -> absl::StatusOr<std::string> { return a.street; }),
  };
  for (const Tool& tool : tools) {
    CAPTURE(tool.name);
    CHECK(TextOf(tool.handler(arguments, context)) == "Main");
  }
}

TEST_CASE("the status of a function passes through unchanged") {
  NoContext context;
  const Tool denied = MakeTool("a", "", Schema<NoArguments>(),
                               [](const NoArguments&, CallContext& call) -> absl::StatusOr<std::string> {
                                 const absl::Status status = call.Authorize("x");
                                 if (!status.ok()) return status;
                                 return "unreached";
                               });
  CHECK(absl::IsPermissionDenied(denied.handler(Json::object(), context).status()));
}

TEST_CASE("a tool made from a struct is registered with the most careful traits unless told otherwise") {
  Tool tool = MakeTool("greet", "Greets.", AddressSchema(), [](const Address&) { return "hi"; });
  CHECK(tool.role == Role::kAdmin);
  CHECK_FALSE(tool.annotations.read_only);
  tool.role = Role::kReader;
  tool.annotations.read_only = true;
  tool.output_schema = AddressSchema().Json();
  CHECK(Registry().Add(std::move(tool)).ok());
}

}  // namespace
}  // namespace mcpgate
