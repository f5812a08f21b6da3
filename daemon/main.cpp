// SPDX-License-Identifier: Apache-2.0
// countersignd: builds everything and passes it down.
#include <fmt/format.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <csignal>

#include "core/base/text.h"
#include "core/crypto/system_random.h"
#include "core/engine/administration/upkeep.h"
#include "core/engine/enrollment/attestation_trust.h"
#include "core/engine/sign_in_shared.h"
#include "core/engine/verification/denials.h"
#include "core/engine/verification/fido2_credentials.h"
#include "core/machine/fingerprint.h"
#include "daemon/ceremonies/sending.h"
#include "daemon/config/config.h"
#include "daemon/couriers/notices.h"
#include "daemon/couriers/post_office.h"
#include "daemon/couriers/sent_before.h"
#include "daemon/fetch/curl_fetcher.h"
#include "daemon/fetch/otp_servers.h"
#include "daemon/host/clocks.h"
#include "daemon/host/machine_facts.h"
#include "daemon/host/machine_key.h"
#include "daemon/host/removal_action.h"
#include "daemon/host/virtual_tokens.h"
#include "daemon/http/listen.h"
#include "daemon/http/loop.h"
#include "daemon/http/router.h"
#include "daemon/http/server.h"
#include "daemon/routes/routes.h"
#include "daemon/store/forgetting.h"
#include "daemon/store/open_store.h"
#include "daemon/store/reseal.h"
#include "daemon/tokens/desk.h"
#include "daemon/version.h"
#include "daemon/wsapi/validation.h"

using namespace countersign;

namespace {

constexpr std::size_t worker_threads = 2;
// A stop ends within five seconds: so long for answers under way, then for everything else.
constexpr std::chrono::seconds grace_time{2};
constexpr unsigned stop_seconds = 4;
constexpr const char* default_state = "/var/lib/countersign/store";
constexpr const char* default_socket = "/run/countersign/api.sock";
constexpr const char* default_config = "/etc/countersign/countersign.toml";

struct Options {
  std::string state = default_state;
  std::string socket = default_socket;
  std::string config;
  std::string reader_socket;
  std::string virtual_kinds;
  std::string wsapi;  // address and port; empty: not served
  std::string machine_root;
  bool demo = false;
  bool check = false;
};

int complain(const Error& error) {
  fmt::print(stderr, "countersignd: {}\n", escape_text(error.what));
  if (error.code == Code::invalid) return 2;
  if (error.code == Code::not_permitted) return 5;
  if (error.code == Code::not_found || error.code == Code::exists) return 6;
  return 7;
}

// The named file; else the default one, if it is there; else what is built in.
Result<Config> load_config(const std::string& named) {
  if (!named.empty()) return read_config(named);
  Result<Config> found = read_config(default_config);
  if (!found && found.error().code == Code::not_found) return Config{};
  return found;
}

// No core with secrets in it, no ptrace by the same uid, nothing readable by others, no child
// inherits anything.
void harden() {
  umask(0077);
  (void)close_range(STDERR_FILENO + 1, ~0U,
                    CLOSE_RANGE_CLOEXEC);  // what whoever started us left open
  (void)prctl(PR_SET_DUMPABLE, 0);
  const rlimit none{};
  (void)setrlimit(RLIMIT_CORE, &none);
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
  }
  (void)std::signal(SIGPIPE, SIG_IGN);
}

// Whatever is still under way then (a worker, a courier) is given up, as if the power failed: what
// was answered is on disk.
void end_at_last() {
  struct sigaction action{};
  action.sa_handler = [](int) {
    constexpr std::string_view note =
        "countersignd: stopped with work unfinished, because it took longer than 4 seconds\n";
    (void)!write(STDERR_FILENO, note.data(), note.size());
    _exit(0);
  };
  (void)sigaction(SIGALRM, &action, nullptr);
  (void)alarm(stop_seconds);
}

// Strangers come that way: they don't hold a place without asking something.
http::Limits limits_over_tcp(http::Limits limits) {
  limits.idle_time = std::min(limits.idle_time, limits.request_time);
  return limits;
}

Result<void> listen(http::Server& server, const std::string& socket) {
  const std::vector<int> handed_over = handed_over_sockets();
  for (const int fd : handed_over) server.listen(fd);
  if (!handed_over.empty()) return {};
  Descriptor listening = TRY(listen_at(socket));
  server.listen(listening.release());
  return {};
}

std::optional<std::uint32_t> group_id(const std::string& name) {
  const group* found = getgrnam(name.c_str());
  return found != nullptr ? std::optional<std::uint32_t>(found->gr_gid) : std::nullopt;
}

// Which machine this is, for sign-ins that are here.
Result<engine::OwnMachine> own_machine(const Options& options, const Secret& site_salt) {
  const auto key = TRY(load_or_make_machine_key(options.state + ".machine-key"));
  std::array<char, 256> name{};
  (void)gethostname(name.data(), name.size() - 1);
  return engine::OwnMachine{.key = key.spki(),
                            .fingerprint = machine::encode(machine::fingerprint(
                                collect_machine_facts(options.machine_root), site_salt)),
                            .name = name.data()};
}

// A new store's keys are bound to a name that can't be changed later: say it while nothing is lost.
void tell_relying_party(const Options& options, const OpenStore& open, bool chosen) {
  if (!open.created || chosen) return;
  fmt::print(stderr,
             "countersignd: a new store was made in {}. Security keys enrolled in it work for '{}' "
             "(the RP ID) "
             "only, for good. For another name, such as your domain, stop now, remove {} and "
             "{}.epoch, set rp_id under [fido2] in {}, and start again\n",
             options.state, open.rp.id, options.state, options.state,
             options.config.empty() ? std::string(default_config) : options.config);
}

int serve(const Options& options, Config config) {
  harden();
  http::Loop loop(worker_threads);
  crypto::SystemRandom random;
  auto open = open_store(options.state, options.demo, config, random,
                         [&loop](http::Loop::Task task) { loop.post(std::move(task)); });
  if (!open) return complain(open.error());

  const bool demo = open->store->kind() == StoreKind::demo;
  DemoClock demo_clock;
  const SystemClock system_clock;
  const Clock& clock = demo ? static_cast<const Clock&>(demo_clock) : system_clock;
  ClockGuard guard(clock, open->latest, open->baseline);
  IdSource ids(clock, random);
  engine::Suppressed suppressed;
  engine::Unlisted unlisted;
  engine::OneTimeFloor floor = open->floor;
  engine::CredentialCache credentials;
  engine::AttestationTrust attestation;
  engine::SignInShared sign_ins;
  tell_relying_party(options, *open, !config.rules.fido2.rp.id.empty() || demo);
  config.rules.fido2.rp = open->rp;
  config.rules.fido2.virtual_tokens = demo;
  engine::Context context{*open->store, random, *open->vault, guard,       ids,      suppressed,
                          unlisted,     floor,  credentials,  attestation, sign_ins, config.rules};
  if (auto loaded = engine::load_attestation(context); !loaded) return complain(loaded.error());
  Result<Change> new_keys = engine::load_sign_ins(context);
  if (!new_keys) return complain(new_keys.error());
  if (!options.machine_root.empty() && !demo)
    return complain({Code::invalid, "--machine-root is for demo stores"});
  Result<engine::OwnMachine> own = own_machine(options, sign_ins.site_salt);
  if (!own) return complain(own.error());
  sign_ins.own_machine = std::move(*own);

  Reseal reseal(context, loop);
  VirtualTokens virtual_tokens;
  if (!options.virtual_kinds.empty()) {
    if (!demo)
      return complain(
          {Code::invalid, "--virtual is for demo stores: software tokens count nowhere else"});
    if (auto started = virtual_tokens.start(options.virtual_kinds, options.state); !started)
      return complain(started.error());
  }
  tokens::Desk desk(loop, random,
                    {.socket = config.reader_socket,
                     .program = program_beside_us("countersign-reader"),
                     .virtual_folder = virtual_tokens.folder()},
                    config.token_turn);
  tokens::Removal removal(desk.directory(), [&](const tokens::Removal::Gone& gone) {
    const auto user = context.store.user_by_name(gone.user);
    if (user) context.sign_ins.graces.end_of((*user)->user.id);
    if (config.on_remove.empty()) return;
    loop.work(
        {.uid = 0, .share = Share::root},
        [action = config.on_remove, gone, login = user ? (*user)->user.login : std::string()] {
          if (auto done = act_on_removal(action, gone, login); !done)
            fmt::print(stderr, "countersignd: on_remove: {}\n", escape_text(done.error().what));
        });
  });
  engine::SendBook book;
  if (auto remembered = couriers::remember_sent(context, book);
      !remembered)  // a damaged record keeps nobody out; 'audit verify' names the place
    fmt::print(stderr,
               "countersignd: what was sent before can't be read, so budgets start at zero: {}\n",
               escape_text(remembered.error().what));
  auto post_office = couriers::PostOffice::open(config.couriers, demo, clock, random);
  if (!post_office) return complain(post_office.error());
  for (const Kind kind : {Kind::sms, Kind::email})
    if ((*post_office)->carries(kind)) context.rules.sendable.insert(kind);
  routes::Sending sending{
      .courier = **post_office, .book = book, .templates = config.couriers.templates};
  couriers::Notices notices(context, **post_office, config.couriers.templates, config.rules.issuer);
  fetch::CurlFetcher fetcher;
  fetch::RevocationSource revocation(fetcher);
  const auto otp_client = otp_service(config.otp_servers);
  if (!otp_client) return complain(otp_client.error());
  fetch::OtpServers otp_servers(fetcher, config.otp_servers.servers, *otp_client,
                                config.otp_servers.limit);
  routes::Services services{
      .context = context,
      .signer = *open->signer,
      .version = version,
      .demo = demo,
      .clock = demo ? &demo_clock : nullptr,
      .desk = &desk,
      .here = {.always = config.seat == Seat::always_here, .demo_store = demo},
      .removal = &removal,
      .acts_on_removal = !config.on_remove.empty(),
      .assurance = config.assurance,
      .sending = &sending,
      .lists = config.revocation,
      .revocation = config.fetch_revocation ? &revocation : nullptr,
      .fetch_time = config.fetch_time,
      .otp_servers = *otp_client ? &otp_servers : nullptr,
      .work = [&loop](const Holder& holder,
                      http::Loop::Task task) { loop.work(holder, std::move(task)); },
      .post = [&loop](http::Loop::Task task) { loop.post(std::move(task)); },
      .start_reseal = [&reseal] { reseal.start(); }};
  const http::Router router(routes::all_routes(services));
  const http::Doorkeeper doorkeeper(*open->store, {.own_uid = geteuid(),
                                                   .admin_group = group_id(config.admin_group),
                                                   .verifiers = std::move(config.verifiers)});
  services.administers = [&doorkeeper](const std::string& login) {
    return doorkeeper.administers(login);
  };
  http::Server server(loop, router, doorkeeper, config.limits);
  const http::Router wsapi_router(wsapi::routes(context));
  http::Server wsapi_server(loop, wsapi_router, doorkeeper, limits_over_tcp(config.limits));
  // Before anybody can connect: who can, may also want it to end.
  std::shared_ptr<void> grace;
  loop.on_signals({SIGTERM, SIGINT}, [&](int) {
    (void)sd_notify(0, "STOPPING=1");
    engine::tell_unlisted(context, true);
    if (!grace) end_at_last();
    auto finished = [&loop, open_servers = std::make_shared<int>(2)] {
      if (--*open_servers == 0) loop.stop();
    };
    server.finish(finished);
    wsapi_server.finish(finished);
    grace = loop.after(grace_time, [&] {
      server.close_all();
      wsapi_server.close_all();
    });
  });

  if (auto listening = listen(server, options.socket); !listening)
    return complain(listening.error());
  std::string wsapi_address;
  if (!options.wsapi.empty()) {
    Result<TcpSocket> listening = listen_tcp(options.wsapi);
    if (!listening) return complain(listening.error());
    wsapi_address = bound_to(*listening);
    wsapi_server.listen_tcp(listening->socket.release(), listening->version_6);
  }

  loop.every(std::chrono::seconds(10), [&] {
    (void)guard.read();
    engine::keep_clock_baseline(context);
    engine::tell_unlisted(context, false);
  });
  if (std::uint64_t limit = 0; sd_watchdog_enabled(0, &limit) > 0)
    loop.every(std::chrono::milliseconds(std::max<std::uint64_t>(limit / 3000, 1)),
               [] { (void)sd_notify(0, "WATCHDOG=1"); });
  loop.post([&] {
    (void)guard.read();
    if (!open->at_start.writes.empty()) {
      for (audit::Event& event : open->at_start.events) event.time = guard.read().now;
      context.store.commit(std::move(open->at_start), [](Result<Applied>) {});
    }
    if (!new_keys->writes.empty())
      context.store.commit(std::move(*new_keys),
                           [](Result<Applied>) {});  // without it the next start makes others
    engine::keep_clock_baseline(context);
    reseal.start();
    resume_forgetting(
        context, [&loop](http::Loop::Task task) { loop.work(http::background, std::move(task)); });
    if (config.couriers.email.notices) notices.start();
    if (context.store.restored())
      fmt::print(stderr,
                 "countersignd: the database in {} is older than its epoch: an old copy was put "
                 "back. One-time codes are refused until "
                 "'countersign store resync' accepts it.\n",
                 options.state);
    fmt::print("countersignd {} is ready at {} ({} store {})\n", version, options.socket,
               demo ? "demo" : "production", options.state);
    if (!wsapi_address.empty())
      fmt::print(
          "countersignd answers Yubico's validation protocol at http://{}/wsapi/2.0/verify\n",
          wsapi_address);
    std::fflush(stdout);
    (void)sd_notify(0, "READY=1");
  });
  loop.run();
  (*post_office)->stop();  // while everybody who waits for it is there
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"The Countersign daemon: verifies, enrols, remembers", "countersignd"};
  app.set_version_flag("--version", std::string(version));
  app.add_option("--state", options.state, "State folder; an empty one gets a new store")
      ->capture_default_str();
  app.add_option("--socket", options.socket, "Where the API listens")->capture_default_str();
  app.add_option(
      "--reader-socket", options.reader_socket,
      "Where the system's countersign-reader listens, unless the configuration names it");
  app.add_option("--config", options.config,
                 std::string("Configuration; default ") + default_config + ", if it is there");
  app.add_flag("--demo", options.demo, "A new store becomes a demo store, for good");
  app.add_option("--virtual", options.virtual_kinds,
                 "Demo stores: attach software tokens, e.g. fido2 or fido2:pin,fido2:u2f");
  app.add_option("--wsapi", options.wsapi,
                 "Answer Yubico's validation protocol at this ADDRESS:PORT (HTTP; off by default)");
  app.add_option("--machine-root", options.machine_root,
                 "Demo stores: the folder that stands for / where this machine's facts are read");
  app.add_flag("--check", options.check,
               "Only read the configuration and say what is wrong with it");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  Result<Config> config = load_config(options.config);
  if (!config) return complain(config.error());
  if (options.check) return 0;
  if (config->reader_socket.empty()) config->reader_socket = options.reader_socket;
  return serve(options, std::move(*config));
}
