#include "crash/reports.hpp"

#include <cxxabi.h>
#include <fcntl.h>
#include <time.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <map>
#include <memory>

#include "base/files.hpp"
#include "base/text.hpp"
#include "crash/text.hpp"

namespace ark::container {

std::string CrashReport::text() const {
  if (process == 0) return "the crash report " + file.string() + " cannot be read: " + end;
  std::string text = module.empty() ? "the process crashed, with no code of a module on its stack" : module + " " + version + " crashed";
  text += ": " + signal + ", " + (terminated_by.empty() ? reason : "terminated by " + terminated_by);
  const auto code = code_file.filename().string() + "+" + offset;
  const bool is_inside = !module.empty() && place.starts_with(code);
  if (!place.empty() && !is_inside) text += ", in " + place;
  if (!module.empty()) text += (is_inside ? ", in " : ", called from ") + code + (function.empty() ? "" : " (" + function + ")");
  text += ", on thread " + std::to_string(thread) + " (" + thread_name + ") of process " + std::to_string(process);
  if (end != "complete") text += "; the report is not complete: " + (end.empty() ? "it ends early" : end);
  return text;
}

namespace crash {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLargestReport = 1 << 20;

template <class Number>
Number number_of(std::string_view text) {
  Number number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// "_ZN6Orders5placeEi+0x1b" as "Orders::place(int)+0x1b"; what is no mangled name stays.
std::string demangled(std::string_view text) {
  const auto plus = text.rfind('+');
  const std::string name(text.substr(0, plus));
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> readable(
      name.starts_with("_Z") ? abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status) : nullptr, &std::free);
  return readable ? readable.get() + std::string(plus == std::string_view::npos ? "" : text.substr(plus)) : std::string(text);
}

/// "orders.so+0x12ab _ZN6Orders5placeEi+0x1b of orders 1.0.0" with its function demangled.
std::string frame_of(std::string_view text) {
  std::string frame;
  for (;;) {
    const auto space = text.find(' ');
    base::add_to_list(&frame, " ", demangled(text.substr(0, space)));
    if (space == std::string_view::npos) return frame;
    text.remove_prefix(space + 1);
  }
}

/// A line "key: value" of the report.
void take(std::string_view key, std::string_view value, CrashReport* report) {
  const std::map<std::string_view, std::string*> texts{
      {"time", &report->time},         {"thread-name", &report->thread_name}, {"signal", &report->signal},
      {"reason", &report->reason},     {"terminated-by", &report->terminated_by}, {"module", &report->module},
      {"version", &report->version},   {"offset", &report->offset},           {"build-id", &report->build_id},
      {"end", &report->end}};
  if (const auto text = texts.find(key); text != texts.end()) *text->second = value;
  if (key == "process") report->process = number_of<int>(value);
  if (key == "thread") report->thread = number_of<int>(value);
  if (key == "generation") report->generation = number_of<uint32_t>(value);
  if (key == "file") report->code_file = value;
  if (key == "function") report->function = demangled(value);
  if (key == "reported") report->reported = true;
  if (key != "frame") return;
  const auto space = value.find(' ');
  report->frames.push_back(frame_of(value.substr(space == std::string_view::npos ? 0 : space + 1)));
  const auto& frame = report->frames.back();
  if (report->frames.size() == 1) report->place = frame.substr(0, frame.rfind(" of "));
}

CrashReport read_report(const fs::path& file) {
  CrashReport report;
  report.file = file;
  const auto text = base::read_file(file, kLargestReport);
  if (!text.ok()) {
    report.end = text.status().text();
    return report;
  }
  for (std::string_view left = *text; !left.empty();) {
    const auto line = left.substr(0, left.find('\n'));
    left.remove_prefix(std::min(left.size(), line.size() + 1));
    if (const auto colon = line.find(": "); colon != std::string_view::npos) take(line.substr(0, colon), line.substr(colon + 2), &report);
  }
  if (report.process == 0) report.end = "it names no process";
  return report;
}

/// Newest first: their names begin with the time.
Result<std::vector<fs::path>> files_in(const fs::path& logs) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator at(logs, error); !error && at != fs::directory_iterator(); at.increment(error)) {
    const auto name = at->path().filename().string();
    if (name.starts_with("crash-") && name.ends_with(".txt")) files.push_back(at->path());
  }
  if (error && error != std::errc::no_such_file_or_directory) return base::errno_status(error.value(), "read", logs);
  std::sort(files.rbegin(), files.rend());
  return files;
}

void mark_reported(const fs::path& file) {
  Line line;
  line << "reported: ";
  add_time(line, time(nullptr));
  line.end();
  const base::Descriptor to(open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW));
  (void)base::write_fully(to.get(), {line.text(), line.size()});  // on failure the next start tells of it again
}

}  // namespace

Result<std::vector<CrashReport>> read_reports(const fs::path& logs) {
  const auto files = files_in(logs);
  if (!files.ok()) return files.status();
  std::vector<CrashReport> reports;
  for (const auto& file : *files) reports.push_back(read_report(file));
  return reports;
}

void tell_new_reports(const fs::path& logs, const std::function<void(const CrashReport&)>& tell) {
  auto reports = read_reports(logs);
  if (!reports.ok()) return;  // a diagnosis says it
  for (auto report = reports->rbegin(); report != reports->rend(); ++report) {
    if (report->reported) continue;
    tell(*report);
    mark_reported(report->file);
  }
  std::error_code ignored;  // one too many is in nobody's way
  for (size_t i = kKeptReports; i < reports->size(); ++i) fs::remove((*reports)[i].file, ignored);
}

}  // namespace crash
}  // namespace ark::container
