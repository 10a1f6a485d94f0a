#include "aws/credentials.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "aws/credential_source.h"
#include "base/error.h"
#include "base/format.h"
#include "base/log.h"

namespace pgseal::aws {

namespace {

constexpr std::chrono::minutes kRefreshBefore{5};
constexpr std::chrono::minutes kLeastPause{1};  // between two refreshes

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

 private:
  /// Marks that a thread is fetching, without the lock; wakes the others when it goes, in whichever
  /// way.
  class Fetching;

  std::variant<Credentials, NoCredentials> fetch(const std::stop_token& stop);
  void keep(const Credentials& credentials, TimePoint now);

  const std::vector<std::unique_ptr<CredentialSource>> sources_;  // used by who is fetching
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any fetched_;
  bool fetching_ = false;              // guarded by mutex_
  std::optional<Credentials> cached_;  // guarded by mutex_
  TimePoint refresh_at_;               // guarded by mutex_; means nothing without an expiration
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
    const bool fresh = usable && (!cached_->expiration || now < refresh_at_);
    if (fresh || (usable && fetching_)) return *cached_;
    if (!fetching_) break;
    if (!fetched_.wait(lock, stop, [&] { return !fetching_; })) throw Cancelled();
  }

  const Fetching fetching(*this, lock);
  const auto result = fetch(stop);
  lock.lock();
  const TimePoint now = clock_.now();
  if (const auto* found = std::get_if<Credentials>(&result)) {
    keep(*found, now);
    return *found;
  }
  const std::string& reason = std::get<NoCredentials>(result).reason;
  if (!cached_ || !alive(*cached_, now)) {
    throw Error(Exit::storage, "cannot get AWS credentials: " + reason)
        .with_hint(
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role is attached");
  }
  log::warning("cannot renew AWS credentials, the old ones serve until {}: {}",
               format_utc(*cached_->expiration), reason);
  refresh_at_ = now + kLeastPause;
  return *cached_;
}

std::variant<Credentials, NoCredentials> CachingProvider::fetch(const std::stop_token& stop) {
  NoCredentials all;
  for (const auto& source : sources_) {
    auto result = source->fetch(stop);
    if (const auto* found = std::get_if<Credentials>(&result)) {
      if (alive(*found, clock_.now())) {
        log::debug("AWS credentials come from {}", source->name());
        return result;
      }
      result = NoCredentials{NoCredentials::Why::failed,
                             format("what it gave expired at {}", format_utc(*found->expiration))};
    }
    const auto& nothing = std::get<NoCredentials>(result);
    if (!all.reason.empty()) all.reason += "; ";
    all.reason += format("{}: {}", source->name(), nothing.reason);
    if (nothing.why == NoCredentials::Why::failed) break;
  }
  return all;
}

void CachingProvider::keep(const Credentials& credentials, TimePoint now) {
  cached_ = credentials;
  if (credentials.expiration) {
    // A source may give what has less than five minutes left: that is not asked for all the time.
    refresh_at_ = std::max(*credentials.expiration - kRefreshBefore, now + kLeastPause);
  }
}

}  // namespace

std::unique_ptr<CredentialProvider> make_caching_provider(
    std::vector<std::unique_ptr<CredentialSource>> sources, const Clock& clock) {
  return std::make_unique<CachingProvider>(std::move(sources), clock);
}

std::unique_ptr<CredentialProvider> make_credential_chain(const ChainOptions& options,
                                                          net::HttpClient& http,
                                                          const Clock& clock) {
  std::vector<std::unique_ptr<CredentialSource>> sources;
  sources.push_back(environment_source(options));
  sources.push_back(container_source(options, http));
  sources.push_back(instance_source(options, http));
  return make_caching_provider(std::move(sources), clock);
}

}  // namespace pgseal::aws
