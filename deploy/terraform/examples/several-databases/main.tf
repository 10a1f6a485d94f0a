# An archive, signed and drilled every week, and a database as the old image backed it up; a KMS key, and a
# lock that nobody lifts.

provider "aws" {
  region = "eu-west-1"
}

variable "image" {
  description = "REGISTRY/pgseal:VERSION"
  type        = string
}

variable "drill_image" {
  description = "The same with PostgreSQL's server programs"
  type        = string
}

variable "cluster_arn" {
  type = string
}

variable "network" {
  type = object({
    subnets         = list(string)
    security_groups = list(string)
  })
}

variable "kms_key_arn" {
  type = string
}

variable "secrets" {
  description = "ARNs: the signing key, the identity of the drill, the password of crm"
  type = object({
    signing_key    = string
    drill_identity = string
    crm_password   = string
  })
}

variable "signer" {
  description = "The public half of the signing key, in minisign's form"
  type        = string
}

variable "classic_public_key" {
  description = "public_key.pem, as the old image had it"
  type        = string
}

module "backups" {
  source = "../.."

  image       = var.image
  cluster_arn = var.cluster_arn
  network     = var.network

  bucket      = "example-backups"
  kms_key_arn = var.kms_key_arn
  object_lock = { mode = "COMPLIANCE", days = 35 }
  expire_days = 400

  recipients = [
    "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFOgZ1Ybk9j4xOzxPiehcYogc/PDc2pX+KHTC3xqTSjs office",
  ]
  signing_key_secret_arn = var.secrets.signing_key

  databases = {
    shop = {
      host        = "shop.cluster-abc123.eu-west-1.rds.amazonaws.com"
      user        = "backup"
      database    = "shop"
      resource_id = "cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
      schedule    = "cron(0 * * * ? *)"
      environment = {
        PGSEAL_JOBS            = "8"
        PGSEAL_PG_DUMP_OPTIONS = "--exclude-table-data=audit.*"
      }
      cpu    = 4096
      memory = 8192
    }
    crm = {
      host        = "db.example.com"
      user        = "backup"
      database    = "crm"
      format      = "classic"
      environment = { OPENSSL_PUBLIC_KEY = var.classic_public_key, PGSSLMODE = "verify-full", PGSSLROOTCERT = "system" }
      secrets     = { PGPASSWORD = var.secrets.crm_password }
    }
  }

  drill = {
    image               = var.drill_image
    identity_secret_arn = var.secrets.drill_identity
    signer              = var.signer
    disk_gib            = 100
  }
}
