# Direct use without the page, by people and programs that upload photos and download memes themselves.

locals {
  # Empty lists are left out, so that a deployment without them has no such setting.
  selection = { for name, prefixes in { INCLUDE_PREFIXES = var.include_prefixes, EXCLUDE_PREFIXES = var.exclude_prefixes } :
    name => jsonencode(sort(prefixes)) if length(prefixes) > 0
  }
}

resource "google_storage_bucket_iam_member" "uploader" {
  for_each = var.uploaders

  bucket = google_storage_bucket.pictures["uploads"].name
  role   = "roles/storage.objectUser"
  member = each.key
}

resource "google_storage_bucket_iam_member" "reader" {
  for_each = var.readers

  bucket = google_storage_bucket.pictures["memes"].name
  role   = "roles/storage.objectViewer"
  member = each.key
}

resource "google_pubsub_topic" "reports" {
  #checkov:skip=CKV_GCP_83:Google's keys encrypt the messages, which hold names and no photo.
  count = var.report_topic ? 1 : 0

  project = var.project_id
  name    = "${var.name}-reports"
  labels  = var.labels

  # Cloud Storage sends a message for each object in the memes bucket, also for the memes.
  message_transforms {
    javascript_udf {
      function_name = "completed"
      code          = file("${path.module}/completed.js")
    }
  }

  depends_on = [time_sleep.apis]
}

resource "google_storage_notification" "reports" {
  count = var.report_topic ? 1 : 0

  bucket         = google_storage_bucket.pictures["memes"].name
  topic          = google_pubsub_topic.reports[0].id
  event_types    = ["OBJECT_FINALIZE"]
  payload_format = "JSON_API_V1"

  depends_on = [time_sleep.grants]
}

resource "google_pubsub_topic_iam_member" "reader" {
  for_each = var.report_topic ? var.readers : []

  project = var.project_id
  topic   = google_pubsub_topic.reports[0].name
  role    = "roles/pubsub.subscriber"
  member  = each.key
}
