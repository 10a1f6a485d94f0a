# What ECS and the scheduler themselves may do, as deploy/ecs has it.

locals {
  task_names     = concat(values(local.roles.backup), values(local.roles.drill))
  task_arns      = "arn:${var.partition}:ecs:${var.region}:${var.account}:task-definition/"
  execution_role = "${var.name}-execution"

  log_groups = {
    for verb, names in local.roles : verb => { for key, _ in names : key => "/${var.name}/${verb}/${key}" }
  }
  log_group_arns = [
    for group in concat(values(local.log_groups.backup), values(local.log_groups.drill)) :
    "arn:${var.partition}:logs:${var.region}:${var.account}:log-group:${group}:*"
  ]

  secrets = {
    backup = {
      for key, db in var.databases : key => merge(
        db.secrets,
        db.format == "archive" && var.signing_key_secret_arn != null ? { PGSEAL_SIGNING_KEY = var.signing_key_secret_arn } : {},
      )
    }
    drill = { for key, _ in local.drilled : key => { DRILL_IDENTITY = var.drill.identity_secret_arn } }
  }
  secret_arns = distinct(flatten([
    for secrets in concat(values(local.secrets.backup), values(local.secrets.drill)) : values(secrets)
  ]))
  secrets_of_service = {
    for service in ["secretsmanager", "ssm"] :
    service => [for arn in local.secret_arns : arn if split(":", arn)[2] == service]
  }
}

output "execution_policy" {
  description = "What ECS does before a task runs: images, logs, secrets"
  value = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = local.log_group_arns
      }],
      length(local.secrets_of_service.secretsmanager) == 0 ? [] : [{
        Sid      = "ReadSecrets"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = local.secrets_of_service.secretsmanager
      }],
      length(local.secrets_of_service.ssm) == 0 ? [] : [{
        Sid      = "ReadParameters"
        Effect   = "Allow"
        Action   = "ssm:GetParameters"
        Resource = local.secrets_of_service.ssm
      }],
      [for statement in [
        {
          Sid      = "EnterTheRegistry"
          Effect   = "Allow"
          Action   = ["ecr:GetAuthorizationToken"]
          Resource = ["*"]
        },
        {
          Sid      = "PullImages"
          Effect   = "Allow"
          Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
          Resource = var.ecr_repository_arns
        },
      ] : statement if length(var.ecr_repository_arns) > 0],
    )
  })
}

output "scheduler_policy" {
  description = "What the scheduler does: starts these tasks, with these roles"
  value = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "RunTasks"
        Effect   = "Allow"
        Action   = "ecs:RunTask"
        Resource = [for task in local.task_names : "${local.task_arns}${task}:*"]
      },
      {
        Sid       = "PassRoles"
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = [for role in concat(local.task_names, [local.execution_role]) : "${local.role_arn}${role}"]
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      },
    ]
  })
}

output "task_trust" {
  description = "Who may take on the roles of tasks: ECS, for this account"
  value = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TrustTasks"
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account } }
    }]
  })
}

output "scheduler_trust" {
  description = "Who may take on the scheduler's role: the scheduler, for this account"
  value = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TrustTheScheduler"
      Effect    = "Allow"
      Principal = { Service = "scheduler.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account } }
    }]
  })
}

output "execution_role" {
  description = "The name of the role that ECS starts tasks with"
  value       = local.execution_role
}

output "log_groups" {
  description = "Names of log groups: of backup and drill, of each database"
  value       = local.log_groups
}

output "task_definition_arn_prefix" {
  description = "What the ARNs of all task definitions begin with"
  value       = "${local.task_arns}${var.name}-"
}
