output "page_url" {
  description = "The page's address."
  value       = var.domain == null ? "${local.page_origin}/index.html" : "${local.page_origin}/"
}

output "api_url" {
  description = "The api's address, for make smoke API=…"
  value       = local.api_url
}

output "uploads_bucket" {
  description = "The bucket that photos go into."
  value       = google_storage_bucket.uploads.name
}

output "memes_bucket" {
  description = "The bucket that memes and reports come out of."
  value       = google_storage_bucket.memes.name
}

output "source_bucket" {
  description = "The bucket of the functions' archives, to choose one to roll back to."
  value       = google_storage_bucket.source.name
}

output "archive" {
  description = "The archive that is deployed."
  value       = local.archive
}

output "upload_command" {
  description = "A command that makes a meme of me.jpg, for those whom uploaders names."
  value       = "gcloud storage cp me.jpg gs://${google_storage_bucket.uploads.name}/ --custom-metadata=language=en"
}

output "report_topic" {
  description = "The topic that tells of finished reports, if there is one."
  value       = one(google_pubsub_topic.reports[*].id)
}

output "domain_address" {
  description = "With a domain: the IP address that A records of <domain> and api.<domain> must hold."
  value       = one(google_compute_global_address.domain[*].address)
}
