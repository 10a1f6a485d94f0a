module "documents" {
  source = "./documents"

  name                   = var.name
  partition              = local.partition
  region                 = local.region
  account                = local.account
  bucket                 = var.bucket
  prefix                 = var.prefix
  kms_key_arn            = var.kms_key_arn
  image                  = var.image
  ecr_repository_arns    = var.ecr_repository_arns
  recipients             = var.recipients
  signing_key_secret_arn = var.signing_key_secret_arn
  databases              = var.databases
  drill                  = var.drill
}

locals {
  # One task a database for backups, and one for drills; a key of the map is that of Terraform's state.
  tasks = merge(
    { for key, role in module.documents.roles.backup : "backup/${key}" => {
      name     = role
      verb     = "backup"
      database = key
      schedule = var.databases[key].schedule
      cpu      = var.databases[key].cpu
      memory   = var.databases[key].memory
      disk_gib = null
    } },
    { for key, role in module.documents.roles.drill : "drill/${key}" => {
      name     = role
      verb     = "drill"
      database = key
      schedule = var.drill.schedule
      cpu      = var.drill.cpu
      memory   = var.drill.memory
      disk_gib = var.drill.disk_gib
    } },
  )
}
