# One database, encrypted to one key, locked for 30 days.

provider "aws" {
  region = "eu-west-1"
}

variable "image" {
  description = "REGISTRY/pgseal:VERSION"
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

module "backups" {
  source = "../.."

  image        = var.image
  cluster_arn  = var.cluster_arn
  network      = var.network
  bucket       = "example-backups"
  recipients   = ["age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"]
  alarm_emails = ["operations@example.com"]

  databases = {
    shop = {
      host        = "shop.abc123.eu-west-1.rds.amazonaws.com"
      user        = "backup"
      database    = "shop"
      resource_id = "db-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    }
  }
}
