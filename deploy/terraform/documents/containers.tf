locals {
  stores = { for key, _ in var.databases : key => "s3://${var.bucket}/${local.prefixes[key]}?region=${var.region}" }

  backup_environment = {
    for key, db in var.databases : key => merge(
      {
        PGSEAL_LOG_FORMAT            = "json"
        PGSEAL_FORMAT                = db.format
        PGSEAL_STORE                 = local.stores[key]
        PGSEAL_EXPECTED_BUCKET_OWNER = var.account
        PGSEAL_REGION                = var.region
        PGSEAL_HOST                  = db.host
        PGSEAL_PORT                  = tostring(db.port)
        PGSEAL_USER                  = db.user
        PGSEAL_DATABASE              = db.database
      },
      db.format == "archive" ? { PGSEAL_RECIPIENTS = join("\n", var.recipients) } : {},
      db.environment,
    )
  }

  drill_environment = {
    for key, db in local.drilled : key => {
      PGSEAL_LOG_FORMAT            = "json"
      PGSEAL_STORE                 = local.stores[key]
      PGSEAL_EXPECTED_BUCKET_OWNER = var.account
      PGSEAL_DATABASE              = db.database
      PGSEAL_SIGNER                = var.drill.signer
    }
  }

  # A key is read from a file, ECS gives variables: the file is a pipe, so the key lies on no disk.
  drill_script = "exec env -u DRILL_IDENTITY pgseal drill latest --store-report --identity <(printf '%s\\n' \"$DRILL_IDENTITY\")"

  containers = {
    backup = {
      for key, _ in var.databases : key => {
        image       = var.image
        entry       = ["pgseal"]
        command     = ["backup"]
        user        = "65532:65532"
        read_only   = true
        environment = local.backup_environment[key]
        secrets     = local.secrets.backup[key]
      }
    }
    # PostgreSQL's server needs its user in /etc/passwd, which the image has, and a disk.
    drill = {
      for key, _ in local.drilled : key => {
        image       = var.drill.image
        entry       = ["bash", "-c"]
        command     = [local.drill_script]
        user        = null
        read_only   = false
        environment = local.drill_environment[key]
        secrets     = local.secrets.drill[key]
      }
    }
  }
}

output "containers" {
  description = "containerDefinitions of ECS: of backup and drill, of each database"
  value = {
    for verb, of_databases in local.containers : verb => {
      for key, container in of_databases : key => jsonencode([merge(
        container.user == null ? {} : { user = container.user },
        {
          name                   = "pgseal"
          image                  = container.image
          essential              = true
          entryPoint             = container.entry
          command                = container.command
          readonlyRootFilesystem = container.read_only
          stopTimeout            = 30
          linuxParameters        = { capabilities = { drop = ["ALL"] } }
          environment            = [for variable, value in container.environment : { name = variable, value = value }]
          secrets                = [for variable, arn in container.secrets : { name = variable, valueFrom = arn }]
          logConfiguration = {
            logDriver = "awslogs"
            options = {
              awslogs-group         = local.log_groups[verb][key]
              awslogs-region        = var.region
              awslogs-stream-prefix = "pgseal"
            }
          }
        },
      )])
    }
  }
}

output "stores" {
  description = "What --store says, of each database"
  value       = local.stores
}
