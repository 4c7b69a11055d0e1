# Every ten minutes the sweep looks for uploads that have no report, and makes their memes itself. So an event that is lost
# or can't be delivered costs a photo ten minutes, and the alert "uploads swept" tells of it.

resource "google_cloudfunctions2_function" "sweep" {
  project     = var.project_id
  name        = "${var.name}-sweep"
  location    = var.region
  description = "Makes memes of uploads that on_upload missed"
  labels      = var.labels

  build_config {
    runtime           = "python311"
    entry_point       = "sweep"
    service_account   = local.account_ids["build"]
    docker_repository = google_artifact_registry_repository.images.id

    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = local.archive
      }
    }
  }

  # One run at a time, which ends before the next one begins. It begins no photo in its last two minutes.
  service_config {
    service_account_email            = local.emails["sweep"]
    available_memory                 = var.memory
    available_cpu                    = tostring(var.cpu)
    max_instance_request_concurrency = 1
    min_instance_count               = 0
    max_instance_count               = 1
    timeout_seconds                  = 540
    ingress_settings                 = "ALLOW_INTERNAL_ONLY"
    environment_variables            = local.function_environment
  }

  depends_on = [google_storage_bucket_object.archive, time_sleep.grants]
}

resource "google_cloud_run_v2_service_iam_member" "scheduler_calls_sweep" {
  project  = var.project_id
  location = google_cloudfunctions2_function.sweep.location
  name     = google_cloudfunctions2_function.sweep.name
  role     = "roles/run.invoker"
  member   = local.members["scheduler"]

  lifecycle {
    replace_triggered_by = [google_cloudfunctions2_function.sweep.id]
  }
}

resource "google_cloud_scheduler_job" "sweep" {
  project          = var.project_id
  region           = var.region
  name             = "${var.name}-sweep"
  description      = "Looks for uploads without a report"
  schedule         = "*/10 * * * *"
  time_zone        = "Etc/UTC"
  attempt_deadline = "570s"

  retry_config {
    retry_count = 0 # the next run finds what this one did not
  }
  http_target {
    http_method = "POST"
    uri         = google_cloudfunctions2_function.sweep.service_config[0].uri

    oidc_token {
      service_account_email = local.emails["scheduler"]
      audience              = google_cloudfunctions2_function.sweep.service_config[0].uri
    }
  }

  depends_on = [google_cloud_run_v2_service_iam_member.scheduler_calls_sweep]
}
