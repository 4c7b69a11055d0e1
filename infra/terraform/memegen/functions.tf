locals {
  build_file = "${local.repository}/build/functions.json"
  build      = try(jsondecode(file(local.build_file)), null)
  archive    = coalesce(var.archive, try(local.build.file, null), "missing")

  function_environment = {
    GOOGLE_CLOUD_PROJECT = var.project_id # the trace in a log line needs it
    UPLOADS_BUCKET       = google_storage_bucket.uploads.name
    MEMES_BUCKET         = google_storage_bucket.memes.name
  }
  # Behind the load balancer, Cloud Armor counts requests for all instances together. The api couldn't count them, because
  # the last address that it sees in X-Forwarded-For is the load balancer's.
  api_limit = !local.behind_domain ? { REQUESTS_PER_MINUTE = tostring(var.requests_per_minute) } : {}
}

# The name holds the hash of the archive, so changed sources are a new object and the functions are deployed again.
# ABANDON leaves the older object in the bucket, so that you can roll back to it.
resource "google_storage_bucket_object" "archive" {
  count = var.archive == null ? 1 : 0

  bucket          = google_storage_bucket.source.name
  name            = local.archive
  source          = "${local.repository}/build/${local.archive}"
  content_type    = "application/zip"
  deletion_policy = "ABANDON"

  lifecycle {
    precondition {
      condition     = local.build != null && fileexists("${local.repository}/build/${local.archive}")
      error_message = "There is no archive of the functions to deploy. Make it first: make package"
    }
    precondition {
      condition     = try(local.archive == "functions-${substr(filesha256("${local.repository}/build/${local.archive}"), 0, 16)}.zip", true)
      error_message = "build/${local.archive} doesn't hold what its name says. Make it again: make package"
    }
  }
}

resource "google_artifact_registry_repository" "images" {
  #checkov:skip=CKV_GCP_84:Google's keys encrypt the images, which hold no secret.
  project       = var.project_id
  location      = var.region
  repository_id = "${var.name}-functions"
  description   = "The functions' images, as Cloud Build makes them of the archives"
  format        = "DOCKER"
  labels        = var.labels

  cleanup_policies {
    id     = "keep-recent"
    action = "KEEP"
    most_recent_versions {
      keep_count = 3
    }
  }
  cleanup_policies {
    id     = "delete-old"
    action = "DELETE"
    condition {
      tag_state  = "ANY"
      older_than = "2592000s"
    }
  }

  depends_on = [time_sleep.apis]
}

resource "google_artifact_registry_repository_iam_member" "build_writes_images" {
  project    = var.project_id
  location   = google_artifact_registry_repository.images.location
  repository = google_artifact_registry_repository.images.repository_id
  role       = "roles/artifactregistry.writer"
  member     = local.members["build"]
}

resource "google_cloudfunctions2_function" "on_upload" {
  project     = var.project_id
  name        = "${var.name}-on-upload"
  location    = var.region
  description = "Makes a meme of a finished upload"
  labels      = var.labels

  build_config {
    runtime           = "python311"
    entry_point       = "on_upload"
    service_account   = local.account_ids["build"]
    docker_repository = google_artifact_registry_repository.images.id

    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = local.archive
      }
    }
  }

  service_config {
    service_account_email            = local.emails["on_upload"]
    available_memory                 = var.memory
    available_cpu                    = tostring(var.cpu)
    max_instance_request_concurrency = 1
    min_instance_count               = var.min_instances
    max_instance_count               = var.max_instances
    timeout_seconds                  = var.timeout_seconds
    ingress_settings                 = "ALLOW_INTERNAL_ONLY"
    environment_variables            = local.function_environment
  }

  event_trigger {
    event_type            = "google.cloud.storage.object.v1.finalized"
    trigger_region        = lower(google_storage_bucket.uploads.location)
    retry_policy          = "RETRY_POLICY_RETRY"
    service_account_email = local.emails["trigger"]

    event_filters {
      attribute = "bucket"
      value     = google_storage_bucket.uploads.name
    }
  }

  depends_on = [google_storage_bucket_object.archive, time_sleep.grants]
}

resource "google_cloudfunctions2_function" "api" {
  #checkov:skip=CKV_GCP_124:The page calls the api from anywhere. With a domain, it does so only through the load balancer.
  project     = var.project_id
  name        = "${var.name}-api"
  location    = var.region
  description = "Gives the page upload URLs, states and memes"
  labels      = var.labels

  build_config {
    runtime           = "python311"
    entry_point       = "api"
    service_account   = local.account_ids["build"]
    docker_repository = google_artifact_registry_repository.images.id

    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = local.archive
      }
    }
  }

  service_config {
    service_account_email            = local.emails["api"]
    available_memory                 = var.api_memory
    available_cpu                    = tostring(var.api_cpu)
    max_instance_request_concurrency = var.api_concurrency
    min_instance_count               = var.min_instances
    max_instance_count               = var.max_instances
    timeout_seconds                  = var.api_timeout_seconds
    ingress_settings                 = local.behind_domain ? "ALLOW_INTERNAL_AND_GCLB" : "ALLOW_ALL"
    environment_variables = merge(local.function_environment, local.api_limit, {
      PAGE_ORIGINS    = join(",", local.page_origins)
      PAGE_URL        = local.page_url
      SIGNING_ACCOUNT = local.emails["signing"]
      THREADS         = tostring(var.api_concurrency) # functions-framework would serve only 4 at once
    })
  }

  depends_on = [google_storage_bucket_object.archive, time_sleep.grants]
}

resource "google_cloud_run_v2_service_iam_member" "trigger_calls_on_upload" {
  project  = var.project_id
  location = google_cloudfunctions2_function.on_upload.location
  name     = google_cloudfunctions2_function.on_upload.name
  role     = "roles/run.invoker"
  member   = local.members["trigger"]

  # A function that is made again has lost its bindings.
  lifecycle {
    replace_triggered_by = [google_cloudfunctions2_function.on_upload.id]
  }
}

resource "google_cloud_run_v2_service_iam_member" "anyone_calls_api" {
  count = var.public ? 1 : 0

  project  = var.project_id
  location = google_cloudfunctions2_function.api.location
  name     = google_cloudfunctions2_function.api.name
  role     = "roles/run.invoker"
  member   = "allUsers"

  lifecycle {
    replace_triggered_by = [google_cloudfunctions2_function.api.id]
  }
}
