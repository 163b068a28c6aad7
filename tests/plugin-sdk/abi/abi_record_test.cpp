// The tables of ark/abi as they are, compared with tests/plugin-sdk/abi_record.txt: modules built earlier were compiled
// with what the record says.
#include <ark/abi/events.h>
#include <ark/abi/health.h>
#include <ark/abi/module.h>
#include <ark/abi/operations.h>
#include <ark/abi/resources.h>
#include <cxxabi.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <typeinfo>
#include <vector>

namespace recorded {

template <class T>
struct Tag {};

}  // namespace recorded

namespace ark {
namespace {

/// Lines by name: "ark_host_t", "ark_host_t.publish", "ARK_STATUS_OK".
using Lines = std::map<std::string, std::string>;

std::string read(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

template <class T>
std::string type_name() {
  char* readable = abi::__cxa_demangle(typeid(recorded::Tag<T>).name(), nullptr, nullptr, nullptr);
  std::string name = readable;
  std::free(readable);
  const auto begin = name.find('<') + 1;
  name = name.substr(begin, name.rfind('>') - begin);
  return name.substr(0, name.find_last_not_of(' ') + 1);
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> names;
  std::istringstream words(list);
  for (std::string word; std::getline(words >> std::ws, word, ',');) names.push_back(word);
  return names;
}

/// What the headers say, as text.
class Record {
 public:
  template <class T, class... M>
  void structure(const char* name, const char* names, const T& table, const M&... members) {
    text_ << "struct " << name << " size " << sizeof(T) << " align " << alignof(T) << "\n";
    const auto list = split(names);
    size_t i = 0;
    ((text_ << "  " << name << "." << list.at(i++) << " at "
            << (reinterpret_cast<const char*>(&members) - reinterpret_cast<const char*>(&table)) << " size "
            << sizeof(M) << " type " << type_name<M>() << "\n"),
     ...);
  }

  template <class E>
  void enumeration(const char* name, const char* names, std::initializer_list<E> values) {
    text_ << "enum " << name << " size " << sizeof(E) << "\n";
    const auto list = split(names);
    size_t i = 0;
    for (E value : values) text_ << "  " << list.at(i++) << " = " << static_cast<int64_t>(value) << "\n";
  }

  void constant(const char* name, int64_t value) { text_ << "constant " << name << " = " << value << "\n"; }

  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
};

// A structured binding takes all members or does not compile: none can be left out here.
#define RECORD_STRUCT(T, ...)                               \
  {                                                         \
    static const T table{};                                 \
    const auto& [__VA_ARGS__] = table;                      \
    record.structure(#T, #__VA_ARGS__, table, __VA_ARGS__); \
  }
#define RECORD_ENUM(T, ...) record.enumeration<T>(#T, #__VA_ARGS__, {__VA_ARGS__});
#define RECORD_CONSTANT(NAME) record.constant(#NAME, NAME);

void record_values(Record& record) {
  RECORD_STRUCT(ark_status_t, code, text)
  RECORD_ENUM(ark_code_t, ARK_STATUS_OK, ARK_STATUS_INVALID_ARGUMENT, ARK_STATUS_NOT_FOUND, ARK_STATUS_ALREADY_EXISTS,
              ARK_STATUS_FAILED_PRECONDITION, ARK_STATUS_INCOMPATIBLE, ARK_STATUS_CORRUPT, ARK_STATUS_UNAVAILABLE,
              ARK_STATUS_DEADLINE_EXCEEDED, ARK_STATUS_WOULD_DEADLOCK, ARK_STATUS_STOPPING, ARK_STATUS_UNSUPPORTED,
              ARK_STATUS_RESOURCE_EXHAUSTED, ARK_STATUS_MODULE_FAILED, ARK_STATUS_INTERNAL)
  RECORD_STRUCT(ark_field_t, name, offset, reserved, type)
  RECORD_STRUCT(ark_ops_t, text, assign, count, each, add, reserve, get, choose, at, share, uses, take)
  RECORD_STRUCT(ark_type_t, kind, flags, size, align, id, count, reserved, fields, key, element, contract, numerator,
                denominator, construct, destroy, ops)
  RECORD_ENUM(ark_kind_t, ARK_KIND_VOID, ARK_KIND_BOOL, ARK_KIND_INT, ARK_KIND_UINT, ARK_KIND_FLOAT, ARK_KIND_ENUM,
              ARK_KIND_STRING, ARK_KIND_VIEW, ARK_KIND_BYTES, ARK_KIND_LIST, ARK_KIND_ARRAY, ARK_KIND_SET, ARK_KIND_MAP,
              ARK_KIND_OPTIONAL, ARK_KIND_VARIANT, ARK_KIND_TUPLE, ARK_KIND_DURATION, ARK_KIND_TIME, ARK_KIND_STRUCT,
              ARK_KIND_SHARED, ARK_KIND_CALLBACK, ARK_KIND_CONTRACT)
  RECORD_CONSTANT(ARK_TYPE_TRIVIAL)
}

void record_contracts(Record& record) {
  RECORD_ENUM(ark_call_result_t, ARK_CALL_OK, ARK_CALL_BUSINESS, ARK_CALL_FAILED, ARK_CALL_UNAVAILABLE,
              ARK_CALL_PROTOCOL, ARK_CALL_DEADLINE)
  RECORD_STRUCT(ark_error_t, kind, known_count, known, type, payload, type_name, text, provider)
  RECORD_STRUCT(ark_param_t, type, flags, reserved)
  RECORD_STRUCT(ark_method_t, name, flags, param_count, result, params, pointer)
  RECORD_STRUCT(ark_contract_t, size, flags, id, version, method_count, error_count, methods, errors, end_pointer,
                destructor_slots, reserved, invoke, make_proxy, destroy_proxy)
  RECORD_STRUCT(ark_call_t, size, method, contract, args, result, error, deadline_ns)
  RECORD_STRUCT(ark_completion_t, done)
  RECORD_STRUCT(ark_carrier_t, size, reserved, begin, destroy)
  RECORD_STRUCT(ark_property_t, key, value)
  RECORD_STRUCT(ark_binding_t, type, property_count, reserved, properties)
  RECORD_STRUCT(ark_carrier_factory_t, size, reserved, binding, self, connect)
  RECORD_CONSTANT(ARK_PARAM_BY_REFERENCE)
  RECORD_CONSTANT(ARK_METHOD_CONST)
  RECORD_CONSTANT(ARK_METHOD_NOEXCEPT)
  RECORD_CONSTANT(ARK_CONTRACT_LOCAL)
}

void record_services(Record& record) {
  RECORD_STRUCT(ark_entry_t, target, generation, contract, flags, reserved)
  RECORD_STRUCT(ark_tap_t, around)
  RECORD_STRUCT(ark_slot_t, entry, tap, record_offset, host)
  RECORD_STRUCT(ark_record_t, next, cell)
  RECORD_STRUCT(ark_service_options_t, size, priority, unique_id, version, property_count, binding_count, properties,
                bindings)
  RECORD_STRUCT(ark_filter_t, size, property_count, id, unique_id, versions, properties, binding)
  RECORD_STRUCT(ark_service_info_t, size, priority, number, id, version, unique_id, module, property_count,
                binding_count, properties, bindings)
  RECORD_STRUCT(ark_watcher_t, size, reserved, self, added, removed)
  RECORD_CONSTANT(ARK_ENTRY_PROXY)
  RECORD_CONSTANT(ARK_RECORD_CELLS)
  RECORD_CONSTANT(ARK_RECORD_SIZE)
}

void record_host(Record& record){
    RECORD_ENUM(ark_log_level_t, ARK_LOG_TRACE, ARK_LOG_DEBUG, ARK_LOG_INFO, ARK_LOG_WARN, ARK_LOG_ERROR)
        RECORD_STRUCT(ark_event_t, size, property_count, name, module, version, time_ns, properties, value, veto)
            RECORD_STRUCT(ark_handler_t, size, priority, event, module, self, handle, type)
                RECORD_STRUCT(ark_host_t, abi, size, get_extension, name, version, data_dir, log, log_level, more_pins,
                              reference, references, slot_retain, slot_release, publish, withdraw, watch, unwatch,
                              subscribe, unsubscribe, callback, revoke, add_carrier)
                    RECORD_STRUCT(ark_hooks_t, size, reserved, thread_create, thread_state, key_create, key_delete,
                                  thread_atexit, sigaction, on_exit, exit)
                        RECORD_STRUCT(ark_self_t, host, hooks, generation)
                            RECORD_ENUM(ark_module_kind_t, ARK_MODULE_BIZ, ARK_MODULE_PLUGIN)
                                RECORD_STRUCT(ark_module_t, abi, size, fingerprint, sdk_version, name, version, exports,
                                              imports, kind, reserved, self, contracts, contracts_end, start, stop)
                                    RECORD_CONSTANT(ARK_ABI_VERSION)}

/// Flags of each event of the container.
#define RECORD_EVENT(name, flags) RECORD_CONSTANT(kEvent##name)
#define VALUE_EVENT(name, flags) kEvent##name = (flags),
enum : uint32_t { ARK_CONTAINER_EVENTS(VALUE_EVENT) };

void record_extensions(Record& record) {
  RECORD_STRUCT(ark_events_t, size, reserved, fire, wait_started)
  RECORD_CONSTANT(ARK_EVENT_VETOABLE)
  RECORD_CONSTANT(ARK_EVENT_STICKY)
  ARK_CONTAINER_EVENTS(RECORD_EVENT)
  RECORD_STRUCT(ark_resource_t, size, descriptor, bytes, module)
  RECORD_STRUCT(ark_resources_t, size, reserved, find)
}

void record_health(Record& record) {
  RECORD_ENUM(ark_health_level_t, ARK_HEALTH_UP, ARK_HEALTH_DEGRADED, ARK_HEALTH_DOWN)
  RECORD_STRUCT(ark_checker_t, size, reserved, self, check)
  RECORD_STRUCT(ark_health_t, size, reserved, add, remove)
}

void record_operations(Record& record) {
  RECORD_ENUM(ark_verb_t, ARK_VERB_INSTALL, ARK_VERB_REPLACE, ARK_VERB_SWITCH, ARK_VERB_START, ARK_VERB_STOP,
              ARK_VERB_UNINSTALL)
  RECORD_STRUCT(ark_request_t, size, verb, flags, reserved, subject)
  RECORD_STRUCT(ark_module_info_t, size, kind, priority, generation, name, version, state, error)
  RECORD_STRUCT(ark_outcome_t, size, code, id, text, module)
  RECORD_STRUCT(ark_on_outcome_t, size, reserved, self, done)
  RECORD_STRUCT(ark_operations_t, size, reserved, begin, release, run, modules)
  RECORD_CONSTANT(ARK_OPERATION_SWITCH)
  RECORD_CONSTANT(ARK_OPERATION_TRANSIENT)
  RECORD_CONSTANT(ARK_OPERATION_FORCE)
}

std::string current_record() {
  Record record;
  record_values(record);
  record_contracts(record);
  record_services(record);
  record_host(record);
  record_extensions(record);
  record_health(record);
  record_operations(record);
  return record.text();
}

/// "  ark_host_t.abi at 0 ..." under "ark_host_t.abi"; heads "struct X ..." under X.
Lines lines_of(const std::string& text) {
  Lines lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::string name, second;
    words >> name >> second;
    lines[line[0] == ' ' ? name : second] = line.substr(line.find_first_not_of(' '));
  }
  return lines;
}

/// One sentence for each difference.
std::vector<std::string> differences(const Lines& was, const Lines& is) {
  std::vector<std::string> all;
  for (const auto& [name, line] : was) {
    const auto found = is.find(name);
    if (found == is.end()) {
      all.push_back(name + " is gone; it was: " + line);
    } else if (found->second != line) {
      all.push_back(name + " changed from: " + line + "\n      to: " + found->second);
    }
  }
  for (const auto& [name, line] : is) {
    if (!was.count(name)) all.push_back(name + " is new: " + line);
  }
  return all;
}

constexpr const char* kHead =
    "# What modules built so far were compiled with: tests/plugin-sdk/abi/abi_record_test.cpp compares it with "
    "ark/abi.\n"
    "# Sizes, offsets and alignments in bytes.\n";

std::string what_to_do(const std::vector<std::string>& found) {
  std::string text = "ark/abi is not what modules built earlier were compiled with:\n";
  for (const auto& one : found) text += "  - " + one + "\n";
  return text +
         "If you did not mean it, undo it. A member at the end of a table that has a size, an enumerator, a constant "
         "and a struct "
         "may be new.\nIf anything else is different no module built earlier can be loaded: prefer an extension "
         "(get_extension), or raise ARK_ABI_VERSION and say so in CHANGELOG.md.\n"
         "Then take over the new record, in the same commit:\n  cp " NEW_RECORD " " RECORD;
}

TEST(AbiRecord, TheTablesAreAsRecorded) {
  const auto now = current_record();
  const auto found = differences(lines_of(read(RECORD)), lines_of(now));
  if (found.empty()) return;
  std::ofstream(NEW_RECORD) << kHead << now;
  FAIL() << what_to_do(found);
}

/// Names that `pattern` finds in the headers of ark/abi.
std::vector<std::string> names_in_headers(const std::string& pattern) {
  std::vector<std::string> names;
  const std::regex form(pattern);
  for (const auto& file : std::filesystem::directory_iterator(ABI_HEADERS)) {
    const auto text = read(file.path());
    for (std::sregex_iterator at(text.begin(), text.end(), form), end; at != end; ++at) names.push_back((*at)[1]);
  }
  return names;
}

TEST(AbiRecord, EveryTableEnumeratorAndConstantIsRecorded) {
  const auto recorded = lines_of(current_record());
  for (const char* pattern : {R"(struct (ark_\w+) *\{)", R"(enum (ark_\w+) *\{)", R"((ARK_\w+) *= *-?[0-9]+)",
                              R"(#define (ARK_\w+) +[0-9]+u?\b)"}) {
    const auto names = names_in_headers(pattern);
    EXPECT_FALSE(names.empty()) << pattern << " finds nothing any more";
    for (const auto& name : names) {
      if (name.starts_with("ARK_VERSION_") || name.starts_with("ARK_HAS_"))
        continue;  // of this build, not of the tables
      EXPECT_TRUE(recorded.count(name)) << name << " is in ark/abi, but not in this test: add it";
    }
  }
}

TEST(AbiRecord, TellsWhatChangedByName) {
  const auto was = lines_of("struct t size 16 align 8\n  t.a at 0 size 8 type long\n  t.b at 8 size 8 type long\n");
  const auto is = lines_of("struct t size 16 align 8\n  t.b at 0 size 8 type long\n  t.c at 8 size 8 type long\n");
  EXPECT_THAT(differences(was, is),
              testing::ElementsAre(testing::StartsWith("t.a is gone"), testing::StartsWith("t.b changed from"),
                                   testing::StartsWith("t.c is new")));
  EXPECT_THAT(differences(was, was), testing::IsEmpty());
}

}  // namespace
}  // namespace ark
