// SPDX-License-Identifier: Apache-2.0
// The import helper as a process, through pipes.
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <csignal>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <thread>

#include "core/base/process_limits.h"

namespace {

struct Run {
  int status = -1;  // exit status; -1: killed
  std::vector<boost::json::object> lines;
  std::size_t line_count = 0;
  std::map<std::string, std::string> process;  // /proc/PID/status once all was written
};

using Write = std::function<void(std::string_view)>;

// Runs the helper on what feed writes. Keeps the first and last hundred lines.
Run run(std::vector<std::string> arguments, const std::function<void(const Write&)>& feed,
        const std::string& secret = "") {
  int in[2], out[2], extra[2];
  BOOST_REQUIRE(pipe2(in, O_CLOEXEC) == 0);
  BOOST_REQUIRE(pipe2(out, O_CLOEXEC) == 0);
  BOOST_REQUIRE(pipe2(extra, O_CLOEXEC) == 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  posix_spawn_file_actions_adddup2(&actions, extra[0], 19);
  arguments.insert(arguments.begin(), COUNTERSIGN_IMPORT);
  std::vector<char*> words;
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  pid_t child = -1;
  BOOST_REQUIRE(posix_spawn(&child, COUNTERSIGN_IMPORT, &actions, nullptr, words.data(), environ) ==
                0);
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  close(extra[0]);
  BOOST_TEST(write(extra[1], secret.data(), secret.size()) == static_cast<ssize_t>(secret.size()));
  close(extra[1]);

  Run result;
  std::thread reader([&] {
    FILE* stream = fdopen(out[0], "r");
    char* line = nullptr;
    std::size_t capacity = 0;
    for (ssize_t size = getline(&line, &capacity, stream); size > 0;
         size = getline(&line, &capacity, stream)) {
      if (result.lines.size() == 200) result.lines.erase(result.lines.begin() + 100);
      result.lines.push_back(
          boost::json::parse({line, static_cast<std::size_t>(size)}).as_object());
      ++result.line_count;
    }
    std::free(line);
    std::fclose(stream);
  });
  std::signal(SIGPIPE, SIG_IGN);
  feed([&](std::string_view text) {
    while (!text.empty()) {
      const ssize_t wrote = write(in[1], text.data(), text.size());
      if (wrote <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(wrote));
    }
  });
  std::ifstream status(fmt::format("/proc/{}/status", child));
  for (std::string line; std::getline(status, line);)
    if (const auto colon = line.find(":\t"); colon != std::string::npos)
      result.process[line.substr(0, colon)] = line.substr(colon + 2);
  close(in[1]);
  reader.join();
  int code = 0;
  waitpid(child, &code, 0);
  if (WIFEXITED(code)) result.status = WEXITSTATUS(code);
  return result;
}

Run run(std::vector<std::string> arguments, std::string_view file, const std::string& secret = "") {
  return run(std::move(arguments), [&](const Write& write) { write(file); }, secret);
}

std::string data_file(const std::string& name) {
  std::ifstream file(std::string(COUNTERSIGN_TEST_DATA) + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void token_rows(const Write& write, int rows) {
  write("serial,secret,digits,user,label\n");
  std::string text;
  for (int i = 0; i < rows; ++i) {
    text += fmt::format("A{:06},GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ,6,user{},\"Token, number {}\"\r\n",
                        i, i, i);
    if (text.size() > 60'000 || i + 1 == rows) write(std::exchange(text, {}));
  }
}

void pskc_keys(const Write& write, int keys) {
  const std::string file = data_file("pskc/plain-totp.xml");
  const auto begin = file.find("  <KeyPackage>"), end = file.find("</KeyContainer>");
  write(file.substr(0, begin));
  for (int i = 0; i < keys; ++i) write(std::string_view(file).substr(begin, end - begin));
  write(file.substr(end));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(import)

BOOST_AUTO_TEST_CASE(tokens_come_out_as_lines_of_json) {
  const Run got = run({"tokens-csv"}, "serial,secret,user\nA1,GEZDGNBVGY3TQOJQ,alice\nA2,1,bob\n");
  BOOST_TEST(got.status == 0);
  BOOST_REQUIRE(got.lines.size() == 3u);
  BOOST_TEST(got.lines[0] ==
             boost::json::parse(
                 R"({"line":2,"user":"alice","serial":"A1","label":"","issuer":"","kind":"totp",
    "secret":"GEZDGNBVGY3TQOJQ","algorithm":"SHA1","digits":6,"period":30,"epoch":0,"counter":0,"drift":0})")
                 .as_object());
  BOOST_TEST(got.lines[1].at("line").as_int64() == 3);
  BOOST_TEST(got.lines[1].at("refused").as_string().starts_with("secret: letter '1'"));
  BOOST_TEST(got.lines[2] ==
             boost::json::parse(R"({"end":true,"rows":1,"refused_rows":1})").as_object());
}

BOOST_AUTO_TEST_CASE(every_format_works_in_the_sandbox) {
  const Run users = run({"users-csv"}, "name,phone\nalice,+491701234567\n");
  BOOST_TEST(users.lines.at(0).at("phone").as_string() == "+491701234567");
  const Run uri = run({"otpauth"}, "otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ");
  BOOST_TEST(uri.lines.at(0).at("user").as_string() == "a");
  const Run migration =
      run({"migration"},
          "otpauth-migration://offline?data=CjYKEExyJfPiZeroMa/"
          "MdF%2BnkTISE2pvaG5kb2VAZXhhbXBsZS5jb20aB0Rpc2NvcmQgASgBMAIQARgBIAA%3D");
  BOOST_TEST(migration.lines.at(0).at("issuer").as_string() == "Discord");
  const Run password =
      run({"pskc", "--password-fd", "19"}, data_file("pskc/rfc6030-figure7.xml"), "qwerty\n");
  BOOST_TEST(password.lines.at(0).at("secret").as_string() == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  const Run hex = run({"pskc", "--key-fd", "19"}, data_file("pskc/rfc6030-figure6.xml"),
                      "12345678901234567890123456789012\n");
  BOOST_TEST(hex.lines.at(0).at("secret").as_string() == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  const Run raw = run({"pskc", "--key-fd", "19"}, data_file("pskc/rfc6030-figure6.xml"),
                      "\x12\x34\x56\x78\x90\x12\x34\x56\x78\x90\x12\x34\x56\x78\x90\x12");
  BOOST_TEST(raw.lines.at(0).at("secret").as_string() == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  for (const Run* got : {&users, &uri, &migration, &password, &hex, &raw}) {
    BOOST_TEST(got->status == 0);
    BOOST_TEST(got->lines.back().contains("end"));
  }
}

BOOST_AUTO_TEST_CASE(T44_what_is_not_read_to_its_end_has_no_end_line) {
  const std::string file = data_file("pskc/rfc6030-figure3.xml");
  const auto fails = [](const Run& got, std::string_view why) {
    BOOST_TEST(got.status == 1);
    BOOST_REQUIRE(!got.lines.empty());
    BOOST_TEST(!got.lines.back().contains("end"));
    BOOST_TEST(std::string_view(got.lines.back().at("error").as_string()).contains(why),
               got.lines.back());
  };
  fails(run({"pskc"}, file.substr(0, file.size() - 5)), "cut off");
  fails(run({"pskc"}, "<!DOCTYPE x SYSTEM \"/etc/passwd\"><x/>"), "DOCTYPE");
  fails(run({"pskc"}, "<?xml version=\"1.0\" encoding=\"EBCDIC-CP-DK\"?><x/>"), "not well-formed");
  fails(run({"pskc"}, data_file("pskc/rfc6030-figure7.xml")), "give it");
  fails(run({"pskc", "--password-fd", "19"}, data_file("pskc/rfc6030-figure7.xml"), "\n"),
        "give it");
  fails(run({"pskc", "--password-fd", "19"}, data_file("pskc/rfc6030-figure7.xml"),
            std::string(1025, 'x')),
        "longer than 1024");
  fails(run({"pskc", "--key-fd", "19"}, data_file("pskc/rfc6030-figure6.xml"), "short"),
        "16, 24 or 32 octets");
  fails(run({"tokens-csv"}, "serial,secret\nA1,\"GEZ"), "inside the quotes");
  fails(run({"users-csv"}, ""), "empty");
}

BOOST_AUTO_TEST_CASE(usage_is_exit_2) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{},
                                                    {"xlsx"},
                                                    {"pskc", "--key-fd"},
                                                    {"pskc", "--key-fd", "1"},
                                                    {"otpauth", "--key-fd", "19"},
                                                    {"pskc", "--key-fd", "19x"}})
    BOOST_TEST(run(arguments, "").status == 2);
}

BOOST_AUTO_TEST_CASE(it_reads_hostile_bytes_in_a_sandbox,
                     *boost::unit_test::enable_if<!countersign::built_with_sanitizer>()) {
  const Run got = run({"pskc"}, [](const Write& write) { pskc_keys(write, 1000); });
  BOOST_TEST(got.status == 0);
  BOOST_TEST(got.process.at("Seccomp") == "2");
  BOOST_TEST(got.process.at("NoNewPrivs") == "1");
}

BOOST_AUTO_TEST_CASE(T44_a_hundred_thousand_rows_take_no_more_memory_than_a_thousand,
                     *boost::unit_test::enable_if<!countersign::built_with_sanitizer>()) {
  const auto peak = [](const std::string& format, void (*rows)(const Write&, int), int count) {
    const Run got = run({format}, [&](const Write& write) { rows(write, count); });
    BOOST_TEST(got.status == 0);
    BOOST_TEST(got.line_count == static_cast<std::size_t>(count) + 1);
    const int kib = std::atoi(got.process.at("VmHWM").c_str());
    BOOST_TEST_MESSAGE(fmt::format("{} {}: peak {} KiB", format, count, kib));
    return kib;
  };
  for (const auto& [format, rows] : {std::pair{"tokens-csv", &token_rows}, {"pskc", &pskc_keys}})
    BOOST_TEST(peak(format, rows, 100'000) <= peak(format, rows, 1000) + 512);
}

BOOST_AUTO_TEST_SUITE_END()
