# The statements of doc/iam.md, for the places that this module makes. Each database has a role and a
# prefix of its own.

locals {
  bucket_arn = "arn:${var.partition}:s3:::${var.bucket}"
  prefixes   = { for key, _ in var.databases : key => "${var.prefix}/${key}" }
  drilled    = var.drill == null ? {} : { for key, db in var.databases : key => db if db.format == "archive" }

  role_arn    = "arn:${var.partition}:iam::${var.account}:role/"
  writer_arns = { for key, role in local.roles.backup : key => "${local.role_arn}${role}" }
  # A Sid has letters and digits only.
  sid_endings = { for key, _ in var.databases : key => join("", [for word in split("-", key) : title(word)]) }

  # What tasks are called, and their roles.
  roles = {
    backup = { for key, _ in var.databases : key => "${var.name}-${key}-backup" }
    drill  = { for key, _ in local.drilled : key => "${var.name}-${key}-drill" }
  }

  put_actions = {
    for key, db in var.databases : key =>
    db.format == "classic" ? ["s3:PutObject", "s3:AbortMultipartUpload"] : ["s3:PutObject"]
  }

  writer_policies = {
    for key, db in var.databases : key => {
      Version = "2012-10-17"
      Statement = concat(
        [{
          Sid      = "PutBackups"
          Effect   = "Allow"
          Action   = local.put_actions[key]
          Resource = "${local.bucket_arn}/${local.prefixes[key]}/*"
        }],
        db.resource_id == null ? [] : [{
          Sid      = "EnterTheDatabase"
          Effect   = "Allow"
          Action   = "rds-db:connect"
          Resource = "arn:${var.partition}:rds-db:${var.region}:${var.account}:dbuser:${db.resource_id}/${db.user}"
        }],
        var.kms_key_arn == null ? [] : [{
          Sid    = "EncryptBackups"
          Effect = "Allow"
          # Parts need kms:Decrypt, the archive format has none.
          Action   = db.format == "classic" ? ["kms:GenerateDataKey", "kms:Decrypt"] : ["kms:GenerateDataKey"]
          Resource = var.kms_key_arn
        }],
      )
    }
  }

  drill_policies = {
    for key, _ in local.drilled : key => {
      Version = "2012-10-17"
      Statement = concat(
        [
          {
            Sid      = "ReadBackups"
            Effect   = "Allow"
            Action   = "s3:GetObject"
            Resource = "${local.bucket_arn}/${local.prefixes[key]}/*"
          },
          {
            Sid       = "ListBackups"
            Effect    = "Allow"
            Action    = "s3:ListBucket"
            Resource  = local.bucket_arn
            Condition = { StringLike = { "s3:prefix" = "${local.prefixes[key]}/*" } }
          },
          {
            Sid      = "PutDrillReports"
            Effect   = "Allow"
            Action   = "s3:PutObject"
            Resource = "${local.bucket_arn}/${local.prefixes[key]}/*/drill/*"
          },
        ],
        var.kms_key_arn == null ? [] : [
          {
            Sid      = "DecryptBackups"
            Effect   = "Allow"
            Action   = "kms:Decrypt"
            Resource = var.kms_key_arn
          },
          {
            Sid      = "EncryptDrillReports"
            Effect   = "Allow"
            Action   = "kms:GenerateDataKey"
            Resource = var.kms_key_arn
          },
        ],
      )
    }
  }

  bucket_policy = {
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid       = "OnlyOverTls"
          Effect    = "Deny"
          Principal = "*"
          Action    = "s3:*"
          Resource  = [local.bucket_arn, "${local.bucket_arn}/*"]
          Condition = { Bool = { "aws:SecureTransport" = "false" } }
        },
        {
          Sid       = "NobodyOverwrites"
          Effect    = "Deny"
          Principal = "*"
          Action    = "s3:PutObject"
          Resource  = "${local.bucket_arn}/${var.prefix}/*"
          Condition = {
            Null = { "s3:if-none-match" = "true" }
            Bool = { "s3:ObjectCreationOperation" = "true" }
          }
        },
      ],
      [for key, arn in local.writer_arns : {
        Sid       = "TheWriterPutsOnly${local.sid_endings[key]}"
        Effect    = "Deny"
        Principal = { AWS = arn }
        NotAction = local.put_actions[key]
        Resource  = [local.bucket_arn, "${local.bucket_arn}/*"]
      }],
      [for key, arn in local.writer_arns : {
        Sid         = "TheWriterKeepsToItsPrefix${local.sid_endings[key]}"
        Effect      = "Deny"
        Principal   = { AWS = arn }
        Action      = "s3:PutObject"
        NotResource = "${local.bucket_arn}/${local.prefixes[key]}/*"
      }],
    )
  }
}

output "roles" {
  description = "The names of the tasks and their roles: of backup and drill, of each database"
  value       = local.roles
}

output "role_policies" {
  description = "What each task may do: of backup and drill, of each database"
  value = {
    backup = { for key, policy in local.writer_policies : key => jsonencode(policy) }
    drill  = { for key, policy in local.drill_policies : key => jsonencode(policy) }
  }
}

output "bucket_policy" {
  description = "What nobody may do with the bucket, whatever else allows it"
  value       = jsonencode(local.bucket_policy)
}
