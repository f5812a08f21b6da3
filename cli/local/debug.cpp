// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/local/helper.h"
#include "cli/nouns.h"
#include "core/base/text.h"

namespace countersign::cli {
namespace {

// A line of countersign-judge (cli/judge/judge_lines.h).
struct JudgeLine {
  std::optional<std::string> ceremony, step, section, about, outcome, why, registration,
      authentication, error;
  std::optional<bool> end;
  static api::Fields fields() {
    return {api::Field{"ceremony", &JudgeLine::ceremony, ""},
            api::Field{"step", &JudgeLine::step, ""},
            api::Field{"section", &JudgeLine::section, ""},
            api::Field{"about", &JudgeLine::about, ""},
            api::Field{"outcome", &JudgeLine::outcome, ""},
            api::Field{"why", &JudgeLine::why, "", 4096},
            api::Field{"end", &JudgeLine::end, ""},
            api::Field{"registration", &JudgeLine::registration, ""},
            api::Field{"authentication", &JudgeLine::authentication, ""},
            api::Field{"error", &JudgeLine::error, "", 4096}};
  }
};

struct JudgedStep {
  std::string step, section, about, outcome;
  std::optional<std::string> why;
  static api::Fields fields() {
    return {api::Field{"step", &JudgedStep::step, "The reason when it fails"},
            api::Field{"section", &JudgedStep::section, "Where WebAuthn Level 3 has it"},
            api::Field{"about", &JudgedStep::about, "What is true when it passes"},
            api::Field{"outcome", &JudgedStep::outcome, "passed, warned, failed, not-judged"},
            api::Field{"why", &JudgedStep::why, "What was wrong"}};
  }
};

struct JudgedCeremony {
  bool accepted = false;
  std::string result;
  std::vector<JudgedStep> steps;
  static api::Fields fields() {
    return {api::Field{"accepted", &JudgedCeremony::accepted, "Every step passed"},
            api::Field{"result", &JudgedCeremony::result, "accepted, or the first reason"},
            api::Field{"steps", &JudgedCeremony::steps, "In the order of the standard"}};
  }
};

struct JudgedFile {
  bool accepted = false;
  JudgedCeremony registration;
  std::optional<JudgedCeremony> authentication;
  static api::Fields fields() {
    return {api::Field{"accepted", &JudgedFile::accepted, "Every ceremony of the file"},
            api::Field{"registration", &JudgedFile::registration, ""},
            api::Field{"authentication", &JudgedFile::authentication, ""}};
  }
};

void take_end(const JudgeLine& line, JudgedFile& out) {
  const auto conclude = [](JudgedCeremony& ceremony, const std::string& result) {
    ceremony.result = result;
    ceremony.accepted = result == "accepted";
  };
  conclude(out.registration, line.registration.value_or("not-judged"));
  if (line.authentication) {
    if (!out.authentication) out.authentication.emplace();
    conclude(*out.authentication, *line.authentication);
  }
  out.accepted = out.registration.accepted && (!out.authentication || out.authentication->accepted);
}

Result<void> take_line(std::string_view text, JudgedFile& out) {
  auto line = api::decode<JudgeLine>(text);
  if (!line)
    return fail(Code::corrupt,
                "countersign-judge gave an answer that can't be read: " + line.error().what);
  if (line->error) return fail(Code::invalid, *line->error);
  if (line->end) return take_end(*line, out), Result<void>();
  if (!line->ceremony || !line->step || !line->section || !line->about || !line->outcome)
    return fail(Code::corrupt, "countersign-judge gave an incomplete answer");
  if (*line->ceremony == "authentication" && !out.authentication) out.authentication.emplace();
  JudgedCeremony& ceremony =
      *line->ceremony == "authentication" ? *out.authentication : out.registration;
  if (line->why && line->why->empty()) line->why.reset();
  ceremony.steps.push_back({*line->step, *line->section, *line->about, *line->outcome, line->why});
  return {};
}

void print(const Output& out, std::string_view name, const JudgedCeremony& ceremony) {
  out.line(
      fmt::format("{}: {}", name, ceremony.accepted ? "accepted" : "refused, " + ceremony.result));
  for (const JudgedStep& step : ceremony.steps) {
    const std::string text =
        fmt::format("{:<10}  {} ({}){}", step.outcome, step.about, step.section,
                    step.outcome == "failed" || step.outcome == "warned"
                        ? ": " + step.step + (step.why ? "; " + escape_text(*step.why) : "")
                        : "");
    if (step.outcome == "passed")
      out.good(text);
    else if (step.outcome == "not-judged")
      out.line("  " + text);
    else
      out.bad(text);
  }
}

}  // namespace

void add_debug(Command& noun, Front& front) {
  noun.require_subcommand(1);
  auto file = std::make_shared<std::string>();
  Command* verb = noun.add_subcommand(
      "webauthn",
      "Judge a recorded WebAuthn ceremony step by step: why was a browser's answer refused?");
  verb->add_option("FILE", *file,
                   "JSON: rpId, origin, registration, authentication; octets in base64url or hex")
      ->required();
  verb->callback([&front, file] {
    JudgedFile judged;
    const HelperInput input{.program = "countersign-judge",
                            .format = "webauthn",
                            .file = *file,
                            .password = {},
                            .key = {}};
    const Result<void> done =
        run_helper(input, [&](std::string_view line, double) { return take_line(line, judged); });
    if (!done) return front.fail_with(done.error());
    front.exit = judged.accepted ? Exit::done : Exit::denied;
    front.out().object(api::encode(judged));
    print(front.out(), "registration", judged.registration);
    if (judged.authentication) print(front.out(), "authentication", *judged.authentication);
  });
}

}  // namespace countersign::cli
