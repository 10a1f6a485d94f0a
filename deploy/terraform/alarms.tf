resource "aws_sns_topic" "alarms" {
  name = "${var.name}-alarms"
}

resource "aws_sns_topic_subscription" "alarms" {
  for_each  = toset(var.alarm_emails)
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = each.value
}

resource "aws_sns_topic_policy" "alarms" {
  arn = aws_sns_topic.alarms.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "PublishAlarms"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.alarms.arn
        Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
      },
      {
        # EventBridge knows no conditions here.
        Sid       = "PublishFailures"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.alarms.arn
      },
    ]
  })
}

# A backup that never ran fails never: what is watched is the last line of those that succeeded.
resource "aws_cloudwatch_log_metric_filter" "backup" {
  for_each       = var.databases
  name           = "backup"
  log_group_name = aws_cloudwatch_log_group.task["backup/${each.key}"].name
  pattern        = "{ $.event = \"backup\" }"

  metric_transformation {
    namespace = var.name
    name      = "backups-${each.key}"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "backup" {
  for_each            = var.databases
  alarm_name          = "${var.name}-${each.key}-no-backup"
  alarm_description   = "No backup of ${each.key} succeeded in ${var.max_age_hours} hours"
  namespace           = var.name
  metric_name         = aws_cloudwatch_log_metric_filter.backup[each.key].metric_transformation[0].name
  statistic           = "Sum"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 3600
  evaluation_periods  = var.max_age_hours
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# Backups and drills that failed, or never came to run, are told at once.
resource "aws_cloudwatch_event_rule" "failed" {
  name        = "${var.name}-failed"
  description = "A backup or a drill ended with an error"
  event_pattern = jsonencode({
    source        = ["aws.ecs"]
    "detail-type" = ["ECS Task State Change"]
    detail = {
      clusterArn        = [var.cluster_arn]
      lastStatus        = ["STOPPED"]
      taskDefinitionArn = [{ prefix = module.documents.task_definition_arn_prefix }]
      "$or" = [
        { containers = { exitCode = [{ "anything-but" = 0 }] } },
        { stopCode = ["TaskFailedToStart"] },
      ]
    }
  })
}

resource "aws_cloudwatch_event_target" "failed" {
  rule = aws_cloudwatch_event_rule.failed.name
  arn  = aws_sns_topic.alarms.arn

  input_transformer {
    input_paths = {
      task   = "$.detail.group"
      code   = "$.detail.containers[0].exitCode"
      reason = "$.detail.stoppedReason"
    }
    input_template = "\"<task> failed, exit code <code>: <reason>\""
  }
}
