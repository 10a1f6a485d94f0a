#include "aws/credentials.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "aws/credential_source.h"
#include "aws/sts.h"
#include "base/error.h"
#include "base/format.h"
#include "base/log.h"

namespace pgseal::aws {

namespace {

constexpr std::chrono::minutes kRefreshBefore{5};
constexpr std::chrono::minutes kLeastPause{1};  // between two refreshes
constexpr std::chrono::minutes kReadAnew{5};    // what does not expire, but may be exchanged

bool alive(const Credentials& credentials, TimePoint now) {
  return !credentials.expiration || now < *credentials.expiration;
}

class CachingProvider final : public CredentialProvider {
 public:
  CachingProvider(std::vector<std::unique_ptr<CredentialSource>> sources, const Clock& clock)
      : sources_(std::move(sources)), clock_(clock) {}

  Credentials get(const std::stop_token& stop) override;

  void invalidate() override {
    const std::lock_guard lock(mutex_);
    cached_.reset();
  }

  std::vector<AskedSource> asked() const override {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  /// Marks that a thread is fetching, without the lock; wakes the others when it goes, in whichever
  /// way.
  class Fetching;

  /// What the sources said, and the credentials where the last one had them.
  struct Search {
    std::vector<AskedSource> asked;
    std::optional<Credentials> found;
    [[nodiscard]] std::string reason() const;
  };
  Search search(const std::stop_token& stop);
  void keep(const Search& search, TimePoint now);

  const std::vector<std::unique_ptr<CredentialSource>> sources_;  // used by who is fetching
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable_any fetched_;
  bool fetching_ = false;              // guarded by mutex_
  std::optional<Credentials> cached_;  // guarded by mutex_
  std::vector<AskedSource> asked_;     // guarded by mutex_; for `cached_`
  TimePoint refresh_at_;               // guarded by mutex_
};

class CachingProvider::Fetching final {
 public:
  Fetching(CachingProvider& provider, std::unique_lock<std::mutex>& lock)
      : provider_(provider), lock_(lock) {
    provider_.fetching_ = true;
    lock_.unlock();
  }
  Fetching(const Fetching&) = delete;
  Fetching& operator=(const Fetching&) = delete;
  ~Fetching() {
    if (!lock_.owns_lock()) lock_.lock();
    provider_.fetching_ = false;
    provider_.fetched_.notify_all();
  }

 private:
  CachingProvider& provider_;
  std::unique_lock<std::mutex>& lock_;
};

Credentials CachingProvider::get(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  for (;;) {
    const TimePoint now = clock_.now();
    const bool usable = cached_ && alive(*cached_, now);
    const bool fresh = usable && now < refresh_at_;
    if (fresh || (usable && fetching_)) return *cached_;
    if (!fetching_) break;
    if (!fetched_.wait(lock, stop, [&] { return !fetching_; })) throw Cancelled();
  }

  const Fetching fetching(*this, lock);
  const Search result = search(stop);
  lock.lock();
  const TimePoint now = clock_.now();
  if (result.found) {
    keep(result, now);
    return *result.found;
  }
  if (!cached_ || !alive(*cached_, now)) {
    throw Error(Exit::storage, "cannot get AWS credentials: " + result.reason())
        .with_hint(
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE, or run where a role "
            "is attached; `pgseal whoami` shows what is found");
  }
  log::warning("cannot renew AWS credentials, the old ones serve{}: {}",
               cached_->expiration ? " until " + format_utc(*cached_->expiration) : "",
               result.reason());
  refresh_at_ = now + kLeastPause;
  return *cached_;
}

CachingProvider::Search CachingProvider::search(const std::stop_token& stop) {
  Search search;
  for (const auto& source : sources_) {
    AskedSource& asked = search.asked.emplace_back(AskedSource{source->name(), ""});
    try {
      const FoundCredentials result = source->fetch(stop);
      if (const auto* unused = std::get_if<NotConfigured>(&result)) {
        asked.reason = unused->reason;
        continue;
      }
      const auto& found = std::get<Credentials>(result);
      if (alive(found, clock_.now())) {
        log::debug("AWS credentials come from {}", asked.name);
        search.found = found;
      } else {
        asked.reason = format("what it gave expired at {}", format_utc(*found.expiration));
      }
    } catch (const Cancelled&) {
      throw;
    } catch (const Error& error) {
      asked.reason = error.message();
    }
    break;
  }
  return search;
}

std::string CachingProvider::Search::reason() const {
  std::string text;
  for (const AskedSource& source : asked) {
    if (!text.empty()) text += "; ";
    text += format("{}: {}", source.name, source.reason);
  }
  return text;
}

void CachingProvider::keep(const Search& search, TimePoint now) {
  cached_ = search.found;
  asked_ = search.asked;
  // A source may give what has less than five minutes left: that is not asked for all the time.
  refresh_at_ = cached_->expiration
                    ? std::max(*cached_->expiration - kRefreshBefore, now + kLeastPause)
                    : now + kReadAnew;
}

/// What `base` may become.
class RoleSource final : public CredentialSource {
 public:
  RoleSource(Role role, CredentialProvider& base, Sts& sts)
      : role_(std::move(role)), base_(base), sts_(sts) {}

  std::string name() const override { return format("role {}", role_.arn); }

  FoundCredentials fetch(const std::stop_token& stop) override {
    try {
      return sts_.assume_role(role_, base_.get(stop), stop);
    } catch (const StaleCredentials& error) {
      log::info("{}; trying again with fresh credentials", error.message());
    }
    base_.invalidate();
    return sts_.assume_role(role_, base_.get(stop), stop);
  }

 private:
  const Role role_;
  CredentialProvider& base_;
  Sts& sts_;
};

std::unique_ptr<CredentialProvider> caching(std::vector<std::unique_ptr<CredentialSource>> sources,
                                            const Clock& clock) {
  return std::make_unique<CachingProvider>(std::move(sources), clock);
}

}  // namespace

std::unique_ptr<CredentialProvider> make_credential_chain(const ChainOptions& options,
                                                          net::HttpClient& http, Sts& sts,
                                                          const Clock& clock) {
  std::vector<std::unique_ptr<CredentialSource>> sources;
  sources.push_back(environment_source(options));
  sources.push_back(web_identity_source(options, sts));
  sources.push_back(profile_source(options, http, sts));
  sources.push_back(container_source(options, http));
  sources.push_back(instance_source(options, http));
  return caching(std::move(sources), clock);
}

std::unique_ptr<CredentialProvider> make_role_provider(Role role, CredentialProvider& base,
                                                       Sts& sts, const Clock& clock) {
  std::vector<std::unique_ptr<CredentialSource>> sources;
  sources.push_back(std::make_unique<RoleSource>(std::move(role), base, sts));
  return caching(std::move(sources), clock);
}

}  // namespace pgseal::aws
