// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <future>

#include "cli/command.h"
#include "cli/fresh.h"
#include "cli/local/helper.h"
#include "cli/nouns.h"
#include "cli/output/progress.h"
#include "cli/output/refused_line.h"
#include "cli/passed_over.h"
#include "cli/secrets.h"
#include "core/base/text.h"
#include "core/formats/oath_csv.h"
#include "daemon/api/imports.h"
#include "daemon/api/problem.h"
#include "daemon/api/users.h"

namespace countersign::cli {
namespace {

constexpr std::size_t rows_at_once = 1024;

struct ImportOptions {
  std::string file, password_file, key_file, user, columns;
  bool dry_run = false, partial = false, stock = false, no_header = false;
  FreshOptions fresh;
};

// A line of the helper: a row, a refused one, the end, or the reason why there is none.
struct HelperLine {
  std::optional<std::int64_t> line, rows, refused_rows, counter, epoch, drift;
  std::optional<std::string> user, serial, label, issuer, public_id, error;
  std::optional<std::string> refused;
  std::optional<Secret> secret;
  std::optional<Kind> kind;
  std::optional<HashAlgorithm> algorithm;
  std::optional<int> digits, period;
  std::optional<bool> end;
  std::optional<std::vector<std::string>> passed_over;
  static api::Fields fields() {
    return {api::Field{"line", &HelperLine::line, ""},
            api::Field{"user", &HelperLine::user, ""},
            api::Field{"serial", &HelperLine::serial, ""},
            api::Field{"label", &HelperLine::label, ""},
            api::Field{"issuer", &HelperLine::issuer, ""},
            api::Field{"kind", &HelperLine::kind, ""},
            api::Field{"public_id", &HelperLine::public_id, ""},
            api::Field{"secret", &HelperLine::secret, ""},
            api::Field{"algorithm", &HelperLine::algorithm, ""},
            api::Field{"digits", &HelperLine::digits, ""},
            api::Field{"period", &HelperLine::period, ""},
            api::Field{"epoch", &HelperLine::epoch, ""},
            api::Field{"counter", &HelperLine::counter, ""},
            api::Field{"drift", &HelperLine::drift, ""},
            api::Field{"refused", &HelperLine::refused, "", 4096},
            api::Field{"error", &HelperLine::error, "", 4096},
            api::Field{"end", &HelperLine::end, ""},
            api::Field{"rows", &HelperLine::rows, ""},
            api::Field{"refused_rows", &HelperLine::refused_rows, ""},
            api::Field{"passed_over", &HelperLine::passed_over, ""}};
  }
};

struct Report {
  std::int64_t accepted = 0;
  bool imported = false;
  bool dry_run = false;
  std::vector<RefusedLine> refused;
  std::vector<std::string> passed_over;
  static api::Fields fields() {
    return {
        api::Field{"imported", &Report::imported, "Whether anything was taken"},
        api::Field{"dry_run", &Report::dry_run, "Only looked"},
        api::Field{"accepted", &Report::accepted, "Rows taken, or that would be"},
        api::Field{"refused", &Report::refused, "The others, by line"},
        api::Field{"passed_over", &Report::passed_over, "Columns of the file that are not known"}};
  }
};

std::optional<std::string> unless_empty(std::optional<std::string> text) {
  return text && text->empty() ? std::nullopt : std::move(text);
}

// One import in progress.
class Run {
 public:
  Run(Front& front, const ImportOptions& options) : front_(front), options_(options) {}

  Result<void> begin() {
    auto made = TRY(front_.call<api::ImportRef>("POST", "/v1/imports", api::Nothing{}));
    id_ = made.id;
    return {};
  }

  Result<void> take(std::string_view text) {
    Result<HelperLine> line = api::decode<HelperLine>(text);
    if (!line)
      return fail(Code::corrupt,
                  "the import helper gave an answer that can't be read: " + line.error().what);
    if (line->error)
      return fail(Code::invalid, fmt::format("{}, line {}: {}", options_.file,
                                             line->line.value_or(0), *line->error));
    if (line->end) {
      note_passed_over(front_, options_.file, line->passed_over);
      report_.passed_over = std::move(line->passed_over).value_or(std::vector<std::string>());
      TRY(flush());
      return settle();
    }
    if (line->refused) {
      refuse(line->line.value_or(0), std::move(*line->refused));
      return {};
    }
    std::optional<std::string> user =
        options_.user.empty() ? unless_empty(std::move(line->user)) : options_.user;
    if (!user && unless_empty(line->serial) == std::nullopt && !line->public_id) {
      refuse(line->line.value_or(0),
             "it has no account name and no serial. Name its owner with --user NAME");
      return {};
    }
    lines_.push_back(line->line.value_or(0));
    batch_.rows.push_back({.user = options_.stock ? std::nullopt : std::move(user),
                           .serial = unless_empty(std::move(line->serial)),
                           .label = unless_empty(std::move(line->label)),
                           .kind = line->kind.value_or(Kind::totp),
                           .public_id = std::move(line->public_id),
                           .secret = line->secret ? std::move(*line->secret) : Secret(),
                           .algorithm = line->algorithm,
                           .digits = line->digits,
                           .period = line->period,
                           .counter = line->counter,
                           .epoch = line->epoch,
                           .drift = line->drift});
    return batch_.rows.size() < rows_at_once ? Result<void>() : flush();
  }

  // All or nothing; with --partial, what is good.
  Result<void> finish(const Result<void>& read) {
    if (sent_.valid()) sent_.wait();  // the file turned out bad while a batch was on its way
    report_.dry_run = options_.dry_run;
    report_.imported = read && !options_.dry_run && (report_.refused.empty() || options_.partial) &&
                       report_.accepted != 0;
    struct Body {
      bool complete = false;
      static api::Fields fields() { return {api::Field{"complete", &Body::complete, ""}}; }
    };
    const std::string path = path_of("/v1/imports/", id_, "/finish");
    const auto finished =
        call_verified<api::Nothing>(front_, "POST", path, Body{report_.imported}, options_.fresh);
    if (!read) return read;
    if (finished) return {};
    if (report_.imported)
      (void)front_.call<api::Nothing>(
          "POST", path, Body{false});  // what is not vouched for leaves nothing behind
    return std::unexpected(finished.error());
  }

  [[nodiscard]] const Report& report() const { return report_; }
  [[nodiscard]] std::size_t rows() const {
    return static_cast<std::size_t>(report_.accepted) + report_.refused.size();
  }

 private:
  void refuse(std::int64_t line, std::string reason) {
    if (!front_.json)
      front_.out().note(
          fmt::format("{}:{}: {}", escape_text(options_.file), line, escape_text(reason)));
    report_.refused.push_back({line, std::move(reason)});
  }

  // The next rows are read while the daemon takes these.
  Result<void> flush() {
    if (auto settled = settle(); !settled || batch_.rows.empty()) return settled;
    std::string body = "{\"rows\":";
    api::encode_to(body, batch_.rows);
    body += '}';
    batch_.rows.clear();
    sent_lines_ = std::exchange(lines_, {});
    sent_ = std::async(std::launch::async, [this, body = std::move(body)]() mutable {
      Result<std::string> text = front_.send("POST", path_of("/v1/imports/", id_, "/rows"), body);
      wipe(body);
      return text;
    });
    return {};
  }

  // What became of the rows sent last.
  Result<void> settle() {
    if (!sent_.valid()) return {};
    const std::string text = TRY(sent_.get());
    const auto result = TRY(api::decode<api::BatchResult>(text));
    report_.accepted += static_cast<std::int64_t>(result.accepted);
    for (const api::RowRefused& row : result.refused) refuse(sent_lines_.at(row.row), row.reason);
    return {};
  }

  Front& front_;
  const ImportOptions& options_;
  std::string id_;
  api::ImportRows batch_;
  std::vector<std::int64_t> lines_, sent_lines_;
  std::future<Result<std::string>> sent_;
  Report report_;
};

std::string summary(const Report& report) {
  const auto refused = report.refused.size();
  if (report.dry_run)
    return fmt::format("dry run: {} rows would be imported, {} refused; nothing was changed",
                       report.accepted, refused);
  if (report.imported)
    return fmt::format("imported: {} rows{}", report.accepted,
                       refused != 0 ? fmt::format("; {} were refused", refused) : "");
  if (refused == 0) return "there are no rows in the file";
  return fmt::format(
      "nothing was imported: {} of {} rows were refused. Fix them, or import the others with "
      "--partial",
      refused, report.accepted + static_cast<std::int64_t>(refused));
}

void run(Front& front, const std::string& format, const ImportOptions& options) {
  HelperInput input{.format = format, .file = options.file, .password = {}, .key = {}};
  if (options.no_header || !options.columns.empty())
    input.columns = options.columns.empty() ? std::string(formats::usual_columns) : options.columns;
  for (const auto& [path, into] : {std::pair(&options.password_file, &input.password),
                                   std::pair(&options.key_file, &input.key)}) {
    if (path->empty()) continue;
    Result<Secret> secret = read_secret(*path);
    if (!secret) return front.fail_with(secret.error());
    *into = std::move(*secret);
  }
  Run run(front, options);
  if (auto begun = run.begin(); !begun) return front.fail_with(begun.error());
  Result<void> read;
  {
    Progress progress("importing");
    read = run_helper(input, [&](std::string_view line, double done) {
      progress.show(done, run.rows());
      return run.take(line);
    });
  }
  if (auto finished = run.finish(read); !finished) return front.fail_with(finished.error());
  const Report& report = run.report();
  front.out().object(api::encode(report));
  if (report.imported || report.dry_run)
    front.out().good(summary(report));
  else
    front.out().bad(summary(report));
  if (!report.refused.empty() && !(report.imported && options.partial)) front.exit = Exit::usage;
}

void add_format(Command& noun, Front& front, const std::string& name, const std::string& format,
                const std::string& about) {
  auto options = std::make_shared<ImportOptions>();
  Command* verb = noun.add_subcommand(name, about);
  verb->add_option("FILE", options->file, "The file")->required();
  verb->add_flag("--dry-run", options->dry_run, "Only say what would be imported and what refused");
  verb->add_flag("--partial", options->partial,
                 "Import the good rows also when others are refused");
  auto* user = verb->add_option("--user", options->user,
                                "Bind all of them to this user, whatever the file says");
  verb->add_flag("--stock", options->stock,
                 "Bind them to nobody yet; 'enroll --serial' does it later")
      ->excludes(user);
  add_fresh_options(*verb, options->fresh);
  if (format == "pskc") {
    verb->add_option("--password-file", options->password_file,
                     "File with the password that protects the keys; - is standard input");
    verb->add_option("--key-file", options->key_file,
                     "File with the pre-shared AES key, hexadecimal");
  }
  if (format == "tokens-csv") {
    verb->add_flag("--no-header", options->no_header, "The file begins with its first token");
    verb->add_option("--columns", options->columns, "Its columns in order, - for one to skip")
        ->default_str(std::string(formats::usual_columns));
  }
  verb->callback([&front, format, options] { run(front, format, *options); });
}

}  // namespace

void add_import(Command& noun, Front& front) {
  noun.require_subcommand(1);
  add_format(noun, front, "pskc", "pskc", "Import a PSKC file (RFC 6030)");
  add_format(
      noun, front, "csv", "tokens-csv",
      "Import tokens from CSV with a header: serial, secret, type, digits, period, user, ...");
  add_format(noun, front, "yubikey", "yubikey-csv",
             "Import what the tools that program YubiKeys logged: Yubico's provisioning format, "
             "the Personalization Tool's log");
  add_format(noun, front, "otpauth", "otpauth", "Import otpauth:// URIs, one a line");
  add_format(noun, front, "migration", "migration",
             "Import what Google Authenticator exports: otpauth-migration:// URIs");
}

}  // namespace countersign::cli
