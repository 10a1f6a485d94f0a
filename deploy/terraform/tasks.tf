resource "aws_cloudwatch_log_group" "task" {
  for_each          = local.tasks
  name              = module.documents.log_groups[each.value.verb][each.value.database]
  retention_in_days = var.log_retention_days
}

resource "aws_ecs_task_definition" "task" {
  for_each                 = local.tasks
  family                   = each.value.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = each.value.cpu
  memory                   = each.value.memory
  task_role_arn            = aws_iam_role.task[each.key].arn
  execution_role_arn       = aws_iam_role.execution.arn
  container_definitions    = module.documents.containers[each.value.verb][each.value.database]

  # A backup uses no disk, and has the 20 GiB that Fargate gives to every task.
  dynamic "ephemeral_storage" {
    for_each = each.value.disk_gib == null ? [] : [each.value.disk_gib]
    content {
      size_in_gib = ephemeral_storage.value
    }
  }

  lifecycle {
    precondition {
      condition     = each.value.verb == "drill" || var.databases[each.value.database].format == "classic" || length(var.recipients) > 0
      error_message = "An archive needs recipients, the public keys to encrypt to."
    }
  }

  depends_on = [aws_cloudwatch_log_group.task]
}

resource "aws_scheduler_schedule" "task" {
  for_each            = local.tasks
  name                = each.value.name
  schedule_expression = each.value.schedule

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 15
  }

  target {
    arn      = var.cluster_arn
    role_arn = aws_iam_role.scheduler.arn

    ecs_parameters {
      task_definition_arn = aws_ecs_task_definition.task[each.key].arn
      launch_type         = "FARGATE"

      network_configuration {
        subnets          = var.network.subnets
        security_groups  = var.network.security_groups
        assign_public_ip = var.network.assign_public_ip
      }
    }

    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 10
    }
  }
}
