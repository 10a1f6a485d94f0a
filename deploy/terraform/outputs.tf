output "bucket" {
  description = "The bucket's name"
  value       = aws_s3_bucket.backups.bucket
}

output "stores" {
  description = "What --store says, of each database"
  value       = module.documents.stores
}

output "alarm_topic_arn" {
  description = "The topic that alarms go to, for more subscribers"
  value       = aws_sns_topic.alarms.arn
}

output "task_definition_arns" {
  description = "To run one now: aws ecs run-task --task-definition ARN"
  value       = { for key, task in aws_ecs_task_definition.task : key => task.arn }
}
