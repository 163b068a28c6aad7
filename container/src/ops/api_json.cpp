#include "ops/api_json.hpp"

#include <time.h>

#include <cstdio>
#include <nlohmann/json.hpp>

namespace ark::container::ops {

using Json = nlohmann::ordered_json;

namespace {

/// "2026-11-21T05:00:00.123Z"
std::string text_of(std::chrono::system_clock::time_point time) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const time_t seconds = static_cast<time_t>(ms / 1000);
  tm parts;
  gmtime_r(&seconds, &parts);
  char text[40];
  const size_t size = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + size, sizeof text - size, ".%03dZ", static_cast<int>(ms % 1000));
  return text;
}

/// Microseconds are as precise as it is.
double rounded(double ms) { return static_cast<double>(static_cast<int64_t>(ms * 1000 + 0.5)) / 1000; }

}  // namespace

Json to_json(const Status& status) { return {{"code", code_name(status.code())}, {"text", status.text()}}; }

Json to_json(const Step& step) {
  return {{"name", step.name},
          {"start_ms", rounded(step.start_ms)},
          {"took_ms", rounded(step.took_ms)},
          {"outcome", step.outcome}};
}

Json to_json(const StateChange& change) {
  return {{"state", state_name(change.state)},
          {"time", text_of(change.time)},
          {"cause", change.cause},
          {"error", change.error}};
}

Json to_json(const ModuleInfo& m) {
  return {{"name", m.name},
          {"version", m.version},
          {"kind", kind_name(m.kind)},
          {"state", state_name(m.state)},
          {"priority", m.priority},
          {"isolation", m.isolation},
          {"generation", m.generation},
          {"services", m.services},
          {"load_ms", rounded(m.load_ms)},
          {"start_ms", rounded(m.start_ms)},
          {"since", text_of(m.since)},
          {"error", m.error},
          {"reasons", m.reasons},
          {"transient", m.transient}};
}

Json to_json(const ServiceInfo& s) {
  Json properties = Json::object();
  for (const auto& [key, value] : s.properties) properties[key] = value;
  return {{"number", s.number},       {"id", s.id},
          {"version", s.version},     {"unique_id", s.unique_id},
          {"module", s.module},       {"priority", s.priority},
          {"properties", properties}, {"bindings", s.bindings},
          {"users", s.users},         {"shadowed_by", s.shadowed_by}};
}

Json to_json(const HealthInfo& h) {
  return {{"name", h.name},
          {"version", h.version},
          {"kind", kind_name(h.kind)},
          {"state", state_name(h.state)},
          {"health", health_name(h.health)},
          {"text", h.text}};
}

template <class T>
Json list_to_json(const std::vector<T>& all) {
  Json list = Json::array();
  for (const auto& one : all) list.push_back(to_json(one));
  return list;
}

Json to_json(const EventInfo& e) {
  return {{"number", e.number}, {"time", text_of(e.time)}, {"name", e.name},
          {"module", e.module}, {"version", e.version},    {"text", e.text}};
}

Json to_json(const EventPage& page) {
  return {{"run", page.run}, {"last", page.last}, {"lost", page.lost}, {"events", list_to_json(page.events)}};
}

Json to_json(const WhyInfo& why) {
  return {{"module", to_json(why.module)},
          {"users", why.users},
          {"inside", why.inside},
          {"owns", why.owns},
          {"history", list_to_json(why.history)}};
}

Json to_json(const Operation& operation) {
  return {{"id", operation.id},
          {"verb", operation.verb},
          {"subject", operation.subject},
          {"requester", operation.requester},
          {"began", text_of(operation.began)},
          {"running", operation.running},
          {"status", to_json(operation.status)},
          {"module", operation.module ? to_json(*operation.module) : Json(nullptr)},
          {"steps", list_to_json(operation.steps)}};
}

namespace {

Json to_json(const CrashReport& crash) {
  return {{"file", crash.file.string()},
          {"time", crash.time},
          {"text", crash.text()},
          {"process", crash.process},
          {"thread", crash.thread},
          {"thread_name", crash.thread_name},
          {"signal", crash.signal},
          {"reason", crash.reason},
          {"terminated_by", crash.terminated_by},
          {"place", crash.place},
          {"module", crash.module},
          {"version", crash.version},
          {"generation", crash.generation},
          {"code_file", crash.code_file.string()},
          {"offset", crash.offset},
          {"build_id", crash.build_id},
          {"function", crash.function},
          {"frames", crash.frames},
          {"end", crash.end}};
}

Json to_json(const Finding& finding) {
  return {{"kind", finding.kind}, {"subject", finding.subject}, {"text", finding.text}};
}

}  // namespace

Json to_json(const Diagnosis& diagnosis) {
  Json crashes = Json::array(), findings = Json::array();
  for (const auto& crash : diagnosis.crashes) crashes.push_back(to_json(crash));
  for (const auto& finding : diagnosis.findings) findings.push_back(to_json(finding));
  return {{"crashes", crashes}, {"findings", findings}};
}

template Json list_to_json(const std::vector<Step>&);
template Json list_to_json(const std::vector<ModuleInfo>&);
template Json list_to_json(const std::vector<ServiceInfo>&);
template Json list_to_json(const std::vector<EventInfo>&);
template Json list_to_json(const std::vector<Operation>&);
template Json list_to_json(const std::vector<HealthInfo>&);

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace ark::container::ops
