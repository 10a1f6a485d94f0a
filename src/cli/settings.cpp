#include "cli/settings.h"

#include "base/format.h"
#include "engine/archive_backup.h"
#include "postgres/conn_params.h"

namespace pgseal::cli {

namespace {

using Form = Setting::Form;

bool always(const std::string&) { return true; }

bool holds_password(const std::string& conninfo) {
  try {
    return !postgres::ConnParams::parse(conninfo).password().empty();
  } catch (const Error&) {
    return true;  // nobody can tell
  }
}

/// The two lines of a key file, or its second alone.
bool is_signing_key_text(const std::string& text) {
  return holds_private_key(text) || text.starts_with("untrusted comment:") ||
         (text.starts_with("RW") && text.size() > 150);
}

std::string mebibytes(std::uint64_t bytes) { return pgseal::format("{}M", bytes / kMiB); }

}  // namespace

namespace setting {

const Setting config{.key = "config",
                     .flag = "--config",
                     .value_name = "FILE",
                     .help =
                         "configuration file; without it ~/.config/pgseal/config.toml, else "
                         "/etc/pgseal/config.toml",
                     .in_files = false};
const Setting profile{.key = "profile",
                      .flag = "--profile",
                      .value_name = "NAME",
                      .help = "profile of the configuration file",
                      .in_files = false};
const Setting log_format{.key = "log_format",
                         .flag = "--log-format",
                         .value_name = "text|json",
                         .help = "text or json",
                         .default_value = "text"};

const Setting host{.key = "host",
                   .flag = "-h,--host",
                   .value_name = "HOST",
                   .help = "server's name or socket directory",
                   .variables = {"POSTGRES_HOST", "PGHOST"}};
const Setting port{.key = "port",
                   .form = Form::number,
                   .flag = "-p,--port",
                   .value_name = "PORT",
                   .help = "server's port",
                   .variables = {"POSTGRES_PORT", "PGPORT"},
                   .default_value = "5432"};
const Setting user{.key = "user",
                   .flag = "-U,--user,--username",
                   .value_name = "NAME",
                   .help = "user to connect as",
                   .variables = {"POSTGRES_USER", "PGUSER"}};
const Setting database{.key = "database",
                       .flag = "--database",
                       .value_name = "NAME",
                       .help = "database",
                       .variables = {"POSTGRES_DATABASE", "PGDATABASE"}};
const Setting dbname{.key = "dbname",
                     .flag = "-d,--dbname",
                     .value_name = "CONNINFO",
                     .help = "database, or a connection string",
                     .is_secret = holds_password};
const Setting password{.key = "password",
                       .help = "password of the database's user",
                       .variables = {"PGPASSWORD"},
                       .has_own_variable = false,
                       .is_secret = always};
const Setting region{.key = "region",
                     .flag = "--region",
                     .value_name = "NAME",
                     .help = "the database's region",
                     .variables = {"REGION"}};
const Setting db_auth{
    .key = "db_auth",
    .flag = "--db-auth",
    .value_name = "iam|password|auto",
    .help =
        "iam, password or auto: iam where no password is configured and the host is RDS or a "
        "region is given",
    .default_value = "auto"};
const Setting rds_ca{.key = "rds_ca",
                     .flag = "--rds-ca",
                     .value_name = "FILE",
                     .help =
                         "certificates that the server is verified with; without it "
                         "/etc/pgseal/rds-global-bundle.pem (of China rds-cn-, of GovCloud "
                         "rds-us-gov-)",
                     .variables = {"PGSSLROOTCERT"}};

const Setting store{.key = "store",
                    .flag = "--store",
                    .value_name = "URL",
                    .help = "s3://BUCKET/PREFIX?region=REGION, or file:///DIRECTORY"};
const Setting bucket{.key = "bucket",
                     .flag = "--bucket",
                     .value_name = "NAME",
                     .help = "S3 bucket, where there is no --store",
                     .variables = {"S3_BUCKET"}};
const Setting prefix{
    .key = "prefix",
    .flag = "--prefix",
    .value_name = "TEXT",
    .help = "what the objects' keys in the bucket begin with, without the last \"/\"",
    .variables = {"S3_PREFIX"},
    .default_value = "backups",
    .empty_is_a_value = true};
const Setting s3_region{.key = "s3_region",
                        .flag = "--s3-region",
                        .value_name = "NAME",
                        .help = "the bucket's region, where it is not the database's",
                        .variables = {"S3_REGION"}};

const Setting addressing{
    .key = "addressing",
    .flag = "--addressing",
    .value_name = "path|virtual|auto",
    .help =
        "where the bucket's name stands: path, virtual (before the host's name), or auto: "
        "virtual at AWS, path elsewhere",
    .default_value = "auto"};
const Setting ca_bundle{.key = "ca_bundle",
                        .flag = "--ca-bundle",
                        .value_name = "FILE",
                        .help =
                            "certificates that S3 and AWS are verified with, in the place of "
                            "the system's",
                        .variables = {"AWS_CA_BUNDLE"}};
const Setting allow_http{.key = "allow_http",
                         .flag = "--allow-http",
                         .value_name = "on|off",
                         .help = "on: endpoints of plain HTTP may be on other machines",
                         .default_value = "off"};

const Setting expected_bucket_owner{
    .key = "expected_bucket_owner",
    .flag = "--expected-bucket-owner",
    .value_name = "ACCOUNT",
    .help = "12 digits of the account that the bucket must belong to"};
const Setting request_payer{.key = "request_payer",
                            .flag = "--request-payer",
                            .value_name = "requester",
                            .help = "we pay, in a bucket whose owner does not"};
const Setting stall_timeout{
    .key = "stall_timeout",
    .form = Form::number,
    .flag = "--stall-timeout",
    .value_name = "SECONDS",
    .help = "without a byte of a request to S3 until it is tried again on a new connection",
    .default_value = "60"};
const Setting request_checksum_calculation{
    .key = "request_checksum_calculation",
    .flag = "--request-checksum-calculation",
    .value_name = "when_supported|when_required",
    .help = "when_required: Content-MD5 for servers that refuse SHA-256 checksums",
    .variables = {"AWS_REQUEST_CHECKSUM_CALCULATION"},
    .default_value = "when_supported"};
const Setting conditional_writes{
    .key = "conditional_writes",
    .flag = "--conditional-writes",
    .value_name = "on|off",
    .help = "off: for servers that refuse If-None-Match; an object may then be overwritten",
    .default_value = "on"};
const Setting part_size{
    .key = "part_size",
    .form = Form::size,
    .flag = "--part-size",
    .value_name = "SIZE",
    .help =
        "classic: bytes of each part of an upload, for servers that want them equal or few; "
        "without it 8 MiB, growing from 10 GiB on"};
const Setting assume_role{.key = "assume_role",
                          .flag = "--assume-role",
                          .value_name = "ARN",
                          .help = "role to take on with the credentials that are found"};
const Setting external_id{.key = "external_id",
                          .flag = "--external-id",
                          .value_name = "ID",
                          .help = "what the owner of the roles asks of who takes them on"};
const Setting db_role{.key = "db_role",
                      .flag = "--db-role",
                      .value_name = "ARN",
                      .help = "role to take on for the database alone, on top of --assume-role"};
const Setting store_role{.key = "store_role",
                         .flag = "--store-role",
                         .value_name = "ARN",
                         .help = "role to take on for the bucket alone, on top of --assume-role"};
const Setting storage_class{.key = "storage_class",
                            .flag = "--storage-class",
                            .value_name = "CLASS",
                            .help = "of the objects: STANDARD_IA, GLACIER_IR, ..."};
const Setting sse{
    .key = "sse",
    .flag = "--sse",
    .value_name = "AES256|aws:kms",
    .help = "how S3 encrypts once more: AES256 or aws:kms; without it, as the bucket does"};
const Setting sse_kms_key_id{.key = "sse_kms_key_id",
                             .flag = "--sse-kms-key-id",
                             .value_name = "ID",
                             .help = "key for --sse aws:kms; without it, AWS's own"};
const Setting sse_bucket_key{.key = "sse_bucket_key",
                             .flag = "--sse-bucket-key",
                             .value_name = "on|off",
                             .help = "one key of KMS for the bucket instead of one an object"};
const Setting lock_mode{.key = "lock_mode",
                        .flag = "--lock-mode",
                        .value_name = "compliance|governance",
                        .help = "object lock: compliance (nobody deletes) or governance"};
const Setting lock_until{.key = "lock_until",
                         .flag = "--lock-until",
                         .value_name = "TIME",
                         .help = "how long objects are locked: 12h, 35d, 8w, or a time"};
const Setting legal_hold{.key = "legal_hold",
                         .flag = "--legal-hold",
                         .value_name = "on|off",
                         .help = "locks objects until somebody takes the hold away"};
const Setting tags{.key = "tags",
                   .form = Form::list,
                   .flag = "--tag",
                   .value_name = "KEY=VALUE",
                   .help = "tag of the objects; may be repeated"};

const Setting public_key{.key = "public_key",
                         .flag = "--public-key",
                         .value_name = "KEY",
                         .help = "RSA public key to encrypt to: PEM, or a file",
                         .variables = {"OPENSSL_PUBLIC_KEY"}};
const Setting recipients{.key = "recipients",
                         .form = Form::list,
                         .flag = "-r,--recipient",
                         .value_name = "KEY",
                         .help =
                             "public key to encrypt to: age1..., ssh-ed25519 ..., ssh-rsa ..., "
                             "or RSA in PEM; may be repeated"};
const Setting recipients_file{.key = "recipients_file",
                              .form = Form::list,
                              .flag = "-R,--recipients-file",
                              .value_name = "FILE",
                              .help = "public keys to encrypt to, one a line; may be repeated"};
const Setting signing_key{.key = "signing_key",
                          .flag = "--signing-key",
                          .value_name = "FILE",
                          .help =
                              "secret key of minisign to sign with; a variable may hold the "
                              "key itself",
                          .is_secret = is_signing_key_text};
const Setting signing_key_passphrase_file{
    .key = "signing_key_passphrase_file",
    .flag = "--signing-key-passphrase-file",
    .value_name = "FILE",
    .help = "file whose first line is the signing key's pass phrase; without it, one is asked for"};

const Setting report_signing_key{
    .key = "report_signing_key",
    .flag = "--report-signing-key",
    .value_name = "FILE",
    .help =
        "secret key of minisign to sign reports of drills with, another one than signs backups; a "
        "variable may hold the key itself",
    .is_secret = is_signing_key_text};
const Setting report_signing_key_passphrase_file{
    .key = "report_signing_key_passphrase_file",
    .flag = "--report-signing-key-passphrase-file",
    .value_name = "FILE",
    .help = "file whose first line is that key's pass phrase; without it, one is asked for"};

const Setting format{.key = "format",
                     .flag = "--format",
                     .value_name = "classic|archive",
                     .help =
                         "classic or archive; without it classic where only the settings of the "
                         "image rds-postgres-backup-s3-secure are there"};
const Setting jobs{
    .key = "jobs",
    .form = Form::number,
    .flag = "-j,--jobs",
    .value_name = "N",
    .help =
        "connections that copy or load; threads that compress (classic) or read (export, verify)",
    .default_value = std::to_string(engine::kDefaultJobs)};
// RATE_LMIT is how the old image's page spells it.
const Setting rate_limit{.key = "rate_limit",
                         .form = Form::size,
                         .flag = "--rate-limit",
                         .value_name = "RATE",
                         .help = "most bytes a second that are dumped, as pv -L has it: 10M, 500k",
                         .variables = {"RATE_LIMIT", "RATE_LMIT"}};
const Setting chunk_size{.key = "chunk_size",
                         .form = Form::size,
                         .flag = "--chunk-size",
                         .value_name = "SIZE",
                         .help = "bytes of rows in one compressed file",
                         .default_value = mebibytes(engine::kDefaultChunkSize)};
const Setting bundle_size{.key = "bundle_size",
                          .form = Form::size,
                          .flag = "--bundle-size",
                          .value_name = "SIZE",
                          .help = "bytes of one object in the store",
                          .default_value = mebibytes(engine::kDefaultBundleSize)};
const Setting segment_size{.key = "segment_size",
                           .form = Form::size,
                           .flag = "--segment-size",
                           .value_name = "SIZE",
                           .help = "bytes of a table that are one piece of work",
                           .default_value = mebibytes(engine::kDefaultSegmentSize)};
const Setting zstd_level{.key = "zstd_level",
                         .form = Form::number,
                         .flag = "--zstd-level",
                         .value_name = "N",
                         .help = "1 is fast, 19 is small",
                         .default_value = std::to_string(engine::kDefaultZstdLevel)};
const Setting pg_dump_options{
    .key = "pg_dump_options", .form = Form::list, .help = "options that are handed on to pg_dump"};

const Setting identity{.key = "identity",
                       .flag = "-i,--identity",
                       .value_name = "FILE",
                       .help = "private key to read with"};
const Setting passphrase_file{
    .key = "passphrase_file",
    .flag = "--passphrase-file",
    .value_name = "FILE",
    .help = "file whose first line is the private key's pass phrase; without it, one is asked for"};
const Setting signer{
    .key = "signer",
    .flag = "--signer",
    .value_name = "KEY",
    .help = "minisign's public key of who must have signed the backup, or its file"};
const Setting wanted_database{.key = "database",
                              .flag = "--database",
                              .value_name = "NAME",
                              .help = "of which database the latest is meant",
                              .variables = {"POSTGRES_DATABASE"}};

}  // namespace setting

const std::vector<const Setting*>& all_settings() {
  using namespace setting;
  static const std::vector<const Setting*> kAll{&config,
                                                &profile,
                                                &log_format,
                                                &format,
                                                &host,
                                                &port,
                                                &user,
                                                &database,
                                                &dbname,
                                                &password,
                                                &region,
                                                &db_auth,
                                                &rds_ca,
                                                &store,
                                                &bucket,
                                                &prefix,
                                                &s3_region,
                                                &addressing,
                                                &ca_bundle,
                                                &allow_http,
                                                &expected_bucket_owner,
                                                &request_payer,
                                                &stall_timeout,
                                                &request_checksum_calculation,
                                                &conditional_writes,
                                                &part_size,
                                                &assume_role,
                                                &external_id,
                                                &db_role,
                                                &store_role,
                                                &storage_class,
                                                &sse,
                                                &sse_kms_key_id,
                                                &sse_bucket_key,
                                                &lock_mode,
                                                &lock_until,
                                                &legal_hold,
                                                &tags,
                                                &recipients,
                                                &recipients_file,
                                                &public_key,
                                                &signing_key,
                                                &signing_key_passphrase_file,
                                                &report_signing_key,
                                                &report_signing_key_passphrase_file,
                                                &jobs,
                                                &rate_limit,
                                                &chunk_size,
                                                &bundle_size,
                                                &segment_size,
                                                &zstd_level,
                                                &pg_dump_options,
                                                &identity,
                                                &passphrase_file,
                                                &signer};
  return kAll;
}

const Setting* setting_of_key(const std::string& key) {
  for (const Setting* setting : all_settings()) {
    if (setting->key == key && setting->in_files) return setting;
  }
  return nullptr;
}

}  // namespace pgseal::cli
