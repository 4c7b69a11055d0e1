module "memegen" {
  source = "./memegen"

  repository = "${path.root}/../.."

  project_id              = var.project_id
  region                  = var.region
  name                    = var.name
  force_destroy           = var.force_destroy
  archive                 = var.archive
  public                  = var.public
  max_instances           = var.max_instances
  uploaders               = var.uploaders
  readers                 = var.readers
  report_topic            = var.report_topic
  notify_email            = var.notify_email
  billing_account         = var.billing_account
  monthly_budget          = var.monthly_budget
  domain                  = var.domain
  requests_per_minute     = var.requests_per_minute
  uploads_per_minute      = var.uploads_per_minute
  labels                  = var.labels
  memory                  = var.memory
  cpu                     = var.cpu
  api_memory              = var.api_memory
  api_cpu                 = var.api_cpu
  api_concurrency         = var.api_concurrency
  min_instances           = var.min_instances
  timeout_seconds         = var.timeout_seconds
  api_timeout_seconds     = var.api_timeout_seconds
  photo_days              = var.photo_days
  meme_days               = var.meme_days
  sent_gib_an_hour        = var.sent_gib_an_hour
  domain_live             = var.domain_live
  hsts_include_subdomains = var.hsts_include_subdomains
}
