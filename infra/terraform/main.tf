module "memegen" {
  source = "./memegen"

  repository = "${path.root}/../.."

  project_id          = var.project_id
  region              = var.region
  name                = var.name
  force_destroy       = var.force_destroy
  archive             = var.archive
  public              = var.public
  max_instances       = var.max_instances
  uploaders           = var.uploaders
  readers             = var.readers
  report_topic        = var.report_topic
  notify_email        = var.notify_email
  billing_account     = var.billing_account
  monthly_budget      = var.monthly_budget
  domain              = var.domain
  requests_per_minute = var.requests_per_minute
}
