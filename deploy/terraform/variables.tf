variable "name" {
  description = "What the names of everything begin with"
  type        = string
  default     = "pgseal"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,19}$", var.name))
    error_message = "The name is of at most 20 small letters, digits and dashes: AWS's names of roles end at 64."
  }
}

variable "image" {
  description = "The image with pgseal: REGISTRY/pgseal:VERSION"
  type        = string
}

variable "ecr_repository_arns" {
  description = "The ECR repositories of the images; none where they are pulled from elsewhere, without a password"
  type        = list(string)
  default     = []
}

variable "cluster_arn" {
  description = "The ECS cluster that runs the tasks"
  type        = string
}

variable "network" {
  description = "Where the tasks run: they must reach the databases, S3, CloudWatch Logs and where secrets and images are"
  type = object({
    subnets          = list(string)
    security_groups  = list(string)
    assign_public_ip = optional(bool, false)
  })
}

variable "bucket" {
  description = "The name of the bucket, which is made"
  type        = string
}

variable "prefix" {
  description = "What every key in the bucket begins with; each database has a prefix of its own below it"
  type        = string
  default     = "backups"

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$", var.prefix))
    error_message = "The prefix neither begins nor ends with a slash, and is not empty."
  }
}

variable "kms_key_arn" {
  description = "Encrypt the bucket with this KMS key; without it S3 does with its own"
  type        = string
  default     = null
}

variable "object_lock" {
  description = "How long nobody deletes an object: COMPLIANCE means nobody at all. null: no lock, for ever, as a bucket gets it only when it is made"
  type = object({
    mode = string
    days = number
  })
  default = { mode = "GOVERNANCE", days = 30 }

  validation {
    condition     = var.object_lock == null ? true : contains(["GOVERNANCE", "COMPLIANCE"], var.object_lock.mode) && var.object_lock.days >= 1
    error_message = "The mode is GOVERNANCE or COMPLIANCE, for a day or more."
  }
}

variable "expire_days" {
  description = "Delete backups after so many days; null keeps them. Not less than object_lock's, which would hold them all the same"
  type        = number
  default     = null
}

variable "recipients" {
  description = "Public keys that archives are encrypted to: age1..., ssh-ed25519 ..., ssh-rsa ..."
  type        = list(string)
  default     = []
}

variable "signing_key_secret_arn" {
  description = "ARN of the secret, in Secrets Manager or SSM, that holds the key which signs archives (pgseal keygen --signing). Without it they are unsigned"
  type        = string
  default     = null
}

variable "databases" {
  description = <<-EOT
    What is backed up, by a name of yours, which becomes a prefix in the bucket.
      resource_id  of the instance (db-...) or cluster (cluster-...), to enter with IAM; null: a password is in secrets
      format       archive, or classic, which needs OPENSSL_PUBLIC_KEY in environment
      schedule     of EventBridge Scheduler, in UTC
      environment  more settings, as variables of doc/configuration.md
      secrets      variables whose values are secrets: ARNs of Secrets Manager or SSM
      cpu, memory  of Fargate: units, MiB
  EOT
  type = map(object({
    host        = string
    port        = optional(number, 5432)
    user        = string
    database    = string
    resource_id = optional(string)
    format      = optional(string, "archive")
    schedule    = optional(string, "cron(15 2 * * ? *)")
    environment = optional(map(string), {})
    secrets     = optional(map(string), {})
    cpu         = optional(number, 1024)
    memory      = optional(number, 2048)
  }))

  validation {
    condition     = alltrue([for key, _ in var.databases : can(regex("^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$", key)) && length(key) <= 32])
    error_message = "A name in databases is of at most 32 small letters and digits, in words that begin with a letter, with dashes between them."
  }
  validation {
    condition     = alltrue([for _, db in var.databases : contains(["archive", "classic"], db.format)])
    error_message = "A format in databases is archive or classic."
  }
  validation {
    condition     = alltrue([for _, db in var.databases : db.resource_id == null ? true : can(regex("^(db|cluster)-[A-Z0-9]+$", db.resource_id))])
    error_message = "A resource_id in databases is that of an instance, db-..., or of a cluster, cluster-..., not its name."
  }
  validation {
    condition     = alltrue([for _, db in var.databases : db.resource_id != null || contains(keys(db.secrets), "PGPASSWORD")])
    error_message = "Each of databases needs a resource_id, to enter with IAM, or PGPASSWORD in secrets."
  }
  validation {
    condition     = alltrue([for _, db in var.databases : db.format != "classic" || contains(keys(db.environment), "OPENSSL_PUBLIC_KEY")])
    error_message = "A database of the classic format needs OPENSSL_PUBLIC_KEY in environment."
  }
}

variable "max_age_hours" {
  description = "Alarm where a database's last good backup is older"
  type        = number
  default     = 26

  validation {
    condition     = var.max_age_hours >= 1 && var.max_age_hours <= 168
    error_message = "The age is from 1 to 168 hours: CloudWatch looks back seven days and no more."
  }
}

variable "alarm_emails" {
  description = "Who is told of alarms. Each gets a letter by which to agree"
  type        = list(string)
  default     = []
}

variable "log_retention_days" {
  description = "How long logs are kept"
  type        = number
  default     = 90
}

variable "drill" {
  description = <<-EOT
    Restores the latest archive of each database into a throw-away server and compares; null: no drills.
      image                of the Dockerfile's target `drill`; or any with pgseal, a server's programs, and bash
      identity_secret_arn  the secret with the private key. Whoever reads it reads backups: keep it in mind
      signer               the public key of who signs the backups
      disk_gib             room for the largest database and its indexes, from 21 to 200
  EOT
  type = object({
    image               = string
    identity_secret_arn = string
    signer              = string
    schedule            = optional(string, "cron(0 5 ? * SUN *)")
    disk_gib            = optional(number, 50)
    cpu                 = optional(number, 2048)
    memory              = optional(number, 4096)
  })
  default = null

  validation {
    condition     = var.drill == null ? true : var.drill.disk_gib >= 21 && var.drill.disk_gib <= 200
    error_message = "The drill's disk is from 21 to 200 GiB, which is what Fargate has."
  }
}
