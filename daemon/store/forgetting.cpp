// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/forgetting.h"

#include <cstdio>
#include <memory>

#include "core/base/text.h"

namespace countersign {
namespace {

struct Job {
  engine::Context& context;
  Work work;
  std::optional<Caller> caller;
  engine::Forgetting begun;
  engine::Then<std::monostate> then;
};

void step(std::shared_ptr<Job> job, std::string after) {
  Job& now = *job;
  now.work([job = std::move(job), after = std::move(after)]() mutable {
    Job& each = *job;
    engine::forget_some(each.context, each.caller, each.begun, std::move(after),
                        [job = std::move(job)](Result<std::string> next) mutable {
                          if (!next) return job->then(std::unexpected(std::move(next.error())));
                          if (next->empty()) return job->then({});
                          step(std::move(job), std::move(*next));
                        });
  });
}

void complain(const Error& error) {
  std::fprintf(stderr,
               "countersignd: forgotten enrolments are refused, but not all are marked as revoked "
               "yet (%s); the next start goes on\n",
               escape_text(error.what).c_str());
}

}  // namespace

void forget(engine::Context& context, Work work, std::optional<Caller> caller,
            engine::Forgetting begun, engine::Then<std::monostate> then) {
  step(std::make_shared<Job>(
           Job{context, std::move(work), std::move(caller), std::move(begun), std::move(then)}),
       {});
}

void resume_forgetting(engine::Context& context, const Work& work) {
  auto unfinished = engine::unfinished_forgetting(context);
  if (!unfinished) return complain(unfinished.error());
  for (engine::Forgetting& each : *unfinished)
    forget(context, work, std::nullopt, std::move(each), [](Result<std::monostate> done) {
      if (!done) complain(done.error());
    });
}

}  // namespace countersign
