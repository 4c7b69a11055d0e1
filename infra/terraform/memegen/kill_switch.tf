# The kill switch: when the month's budget is spent, `stop` takes everybody's right to call the api. functions/cloud/kill_switch.py
# says how, and infra/README.md what it can't bound. An apply without the switch, or with a larger budget, opens the api again.
# The function itself stands among the others in functions.tf.

resource "google_pubsub_topic" "budget" {
  #checkov:skip=CKV_GCP_83:Google's keys encrypt the messages, which hold sums and no photo.
  count = var.kill_switch ? 1 : 0

  project = var.project_id
  name    = "${var.name}-budget"
  labels  = var.labels

  depends_on = [time_sleep.apis]
}

# The account by which Google's billing publishes. It is the only one that has this right on the topic.
resource "google_pubsub_topic_iam_member" "billing_publishes" {
  count = var.kill_switch ? 1 : 0

  project = var.project_id
  topic   = google_pubsub_topic.budget[0].name
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:billing-budget-alert@system.gserviceaccount.com"
}

# Whoever may change the rights on a service may give itself any of them, so a smaller role would be none.
resource "google_cloud_run_v2_service_iam_member" "stop_closes_api" {
  count = var.kill_switch ? 1 : 0

  project  = var.project_id
  location = var.region
  name     = google_cloudfunctions2_function.function["api"].name
  role     = "roles/run.admin"
  member   = local.members["stop"]

  lifecycle {
    replace_triggered_by = [google_cloudfunctions2_function.function["api"].id]
  }
}
