resource "aws_iam_role" "task" {
  for_each           = local.tasks
  name               = each.value.name
  assume_role_policy = module.documents.task_trust
}

resource "aws_iam_role_policy" "task" {
  for_each = local.tasks
  name     = each.value.verb
  role     = aws_iam_role.task[each.key].name
  policy   = module.documents.role_policies[each.value.verb][each.value.database]
}

resource "aws_iam_role" "execution" {
  name               = module.documents.execution_role
  assume_role_policy = module.documents.task_trust
}

resource "aws_iam_role_policy" "execution" {
  name   = "start-tasks"
  role   = aws_iam_role.execution.name
  policy = module.documents.execution_policy
}

resource "aws_iam_role" "scheduler" {
  name               = "${var.name}-scheduler"
  assume_role_policy = module.documents.scheduler_trust
}

resource "aws_iam_role_policy" "scheduler" {
  name   = "run-tasks"
  role   = aws_iam_role.scheduler.name
  policy = module.documents.scheduler_policy
}
