locals {
  apis = toset(concat(
    [
      "artifactregistry", "cloudbuild", "clouderrorreporting", "cloudfunctions", "cloudresourcemanager", "eventarc",
      "iam", "iamcredentials", "logging", "monitoring", "pubsub", "run", "storage",
    ],
    var.monthly_budget == null ? [] : ["billingbudgets"],
    var.domain == null ? [] : ["compute"],
  ))
}

# Other things in the project may use them as well, so they stay on after a destroy.
resource "google_project_service" "api" {
  for_each = local.apis

  project            = var.project_id
  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false
}

# An API that is on takes a moment until it answers everywhere and its service agent exists.
resource "time_sleep" "apis" {
  create_duration = "60s"
  triggers        = { apis = join(" ", local.apis) }

  depends_on = [google_project_service.api]
}
