output "page_url" {
  description = "The address of the page."
  value       = local.page_url
}

output "api_url" {
  description = "The address of the api, for make smoke API=…"
  value       = local.api_url
}

output "uploads_bucket" {
  description = "The bucket that photos go into."
  value       = google_storage_bucket.pictures["uploads"].name
}

output "memes_bucket" {
  description = "The bucket that memes and reports come out of."
  value       = google_storage_bucket.pictures["memes"].name
}

output "source_bucket" {
  description = "The bucket with the archives of the functions, which you can roll back to."
  value       = google_storage_bucket.source.name
}

output "archive" {
  description = "The archive that is deployed."
  value       = local.archive
}

output "upload_command" {
  description = "A command that makes a meme of me.jpg, for everybody in uploaders."
  value       = "gcloud storage cp me.jpg gs://${google_storage_bucket.pictures["uploads"].name}/ --custom-metadata=language=en"
}

output "report_topic" {
  description = "The topic that gets a message for each finished upload, if there is one."
  value       = one(google_pubsub_topic.reports[*].id)
}

output "domain_address" {
  description = "The IP address that the A records of <domain> and api.<domain> must hold, if there is a domain."
  value       = one(google_compute_global_address.domain[*].address)
}
