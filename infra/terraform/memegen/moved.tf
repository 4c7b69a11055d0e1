# Each function, and each bucket of pictures, was a resource of its own before they became instances of one. These blocks
# move the state of such a deployment, so that nothing of it is destroyed or created again.

moved {
  from = google_cloudfunctions2_function.on_upload
  to   = google_cloudfunctions2_function.function["on_upload"]
}

moved {
  from = google_cloudfunctions2_function.api
  to   = google_cloudfunctions2_function.function["api"]
}

moved {
  from = google_cloudfunctions2_function.sweep
  to   = google_cloudfunctions2_function.function["sweep"]
}

moved {
  from = google_cloud_run_v2_service_iam_member.trigger_calls_on_upload
  to   = google_cloud_run_v2_service_iam_member.caller["on_upload"]
}

moved {
  from = google_cloud_run_v2_service_iam_member.anyone_calls_api[0]
  to   = google_cloud_run_v2_service_iam_member.caller["api"]
}

moved {
  from = google_cloud_run_v2_service_iam_member.scheduler_calls_sweep
  to   = google_cloud_run_v2_service_iam_member.caller["sweep"]
}

moved {
  from = google_cloud_scheduler_job.sweep
  to   = google_cloud_scheduler_job.job["sweep"]
}

moved {
  from = google_storage_bucket.uploads
  to   = google_storage_bucket.pictures["uploads"]
}

moved {
  from = google_storage_bucket.memes
  to   = google_storage_bucket.pictures["memes"]
}
