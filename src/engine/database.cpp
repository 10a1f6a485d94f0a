#include "engine/database.h"

#include "aws/rds_token.h"
#include "base/error.h"

namespace pgseal::engine {

PasswordSource iam_password(std::string host, int port, std::string user, std::string region,
                            aws::CredentialProvider& credentials, const Clock& clock) {
  return [host = std::move(host), port, user = std::move(user), region = std::move(region),
          &credentials, &clock](const std::stop_token& stop) {
    return aws::rds_auth_token(host, port, user, region, credentials.get(stop), clock.now());
  };
}

Database::Database(postgres::ConnParams params, PasswordSource password)
    : params_(std::move(params)), password_(std::move(password)) {
  for (const auto& [keyword, value] :
       {std::pair{"keepalives_idle", "60"}, std::pair{"keepalives_interval", "10"},
        std::pair{"keepalives_count", "6"}}) {
    if (params_.get(keyword).empty()) params_.set(keyword, value);
  }
}

postgres::ConnParams Database::fresh_params(const std::stop_token& stop) const {
  postgres::ConnParams params = params_;
  if (password_) params.set_password(password_(stop));
  return params;
}

postgres::Connection Database::connect(const std::stop_token& stop) const {
  try {
    return {fresh_params(stop), stop};
  } catch (const Error& error) {
    // PAM is how RDS checks a token, and says no more than this about why it refused one.
    if (password_ && error.message().find("PAM authentication failed") != std::string::npos) {
      throw Error(error).with_hint(
          "the IAM token was refused: does the database user have rds_iam, and may the role do "
          "rds-db:connect for it? Is the host RDS's own name, of which no alias counts, and this "
          "machine's clock right?");
    }
    throw;
  }
}

Database Database::named(const std::string& name) const {
  Database other = *this;
  other.params_.set("dbname", name);
  return other;
}

}  // namespace pgseal::engine
