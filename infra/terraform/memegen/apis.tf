locals {
  apis = toset(concat(
    [
      "artifactregistry", "cloudbuild", "clouderrorreporting", "cloudfunctions", "cloudresourcemanager", "cloudscheduler",
      "eventarc", "iam", "iamcredentials", "logging", "monitoring", "pubsub", "run", "storage",
    ],
    var.monthly_budget == null ? [] : ["billingbudgets"],
    var.domain == null ? [] : ["compute"],
  ))
}

# The APIs stay on after a destroy, because other things in the project may use them too.
resource "google_project_service" "api" {
  for_each = local.apis

  project            = var.project_id
  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false
}

# After an API was switched on, it takes a moment until it answers everywhere and its service agent exists.
resource "time_sleep" "apis" {
  create_duration = "60s"
  triggers        = { apis = join(" ", local.apis) }

  depends_on = [google_project_service.api]
}
