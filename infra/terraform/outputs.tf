# memegen/outputs.tf describes each one.

output "page_url" {
  value = module.memegen.page_url
}

output "api_url" {
  value = module.memegen.api_url
}

output "uploads_bucket" {
  value = module.memegen.uploads_bucket
}

output "memes_bucket" {
  value = module.memegen.memes_bucket
}

output "source_bucket" {
  value = module.memegen.source_bucket
}

output "archive" {
  value = module.memegen.archive
}

output "upload_command" {
  value = module.memegen.upload_command
}

output "report_topic" {
  value = module.memegen.report_topic
}

output "domain_address" {
  value = module.memegen.domain_address
}
