locals {
  accounts = {
    for key, what in {
      on_upload = "Makes memes of uploads"
      sweep     = "Makes memes of uploads that on_upload missed"
      scheduler = "Calls what runs by the clock"
      api       = "Answers the page"
      signing   = "What a signed URL may do"
      trigger   = "Calls on_upload when an upload is finished"
      build     = "Builds the functions"
      stop      = "Closes the api when the month's budget is spent"
      canary    = "Sends a drawn face the whole way"
    } : key => what if lookup(local.optional, key, true)
  }

  # The resource has an e-mail attribute, but a plan doesn't know it yet. It knows these parts, and whatever uses them
  # still waits until the account exists.
  emails      = { for key, account in google_service_account.account : key => "${account.account_id}@${account.project}.iam.gserviceaccount.com" }
  members     = { for key, email in local.emails : key => "serviceAccount:${email}" }
  account_ids = { for key, email in local.emails : key => "projects/${var.project_id}/serviceAccounts/${email}" }

  # Who may do what in which bucket. Replacing an object needs the permission to delete it, which objectUser has.
  bucket_roles = {
    on_upload = { uploads = "roles/storage.objectViewer", memes = "roles/storage.objectUser" }
    sweep     = { uploads = "roles/storage.objectViewer", memes = "roles/storage.objectUser" }
    api       = { uploads = "roles/storage.objectUser", memes = "roles/storage.objectUser" }
    signing   = { uploads = "roles/storage.objectCreator", memes = "roles/storage.objectViewer" }
    build     = { source = "roles/storage.objectViewer" }
  }
  bucket_grants = merge([
    for account, roles in local.bucket_roles : {
      for bucket, role in roles : "${account} ${bucket}" => { account = account, bucket = bucket, role = role }
    }
  ]...)
}

resource "google_service_account" "account" {
  for_each = local.accounts

  project      = var.project_id
  account_id   = "${var.name}-${replace(each.key, "_", "-")}"
  display_name = "${var.name} ${each.key}"
  description  = each.value

  depends_on = [time_sleep.apis]
}

resource "google_storage_bucket_iam_member" "account" {
  for_each = local.bucket_grants

  bucket = {
    uploads = google_storage_bucket.pictures["uploads"].name
    memes   = google_storage_bucket.pictures["memes"].name
    source  = google_storage_bucket.source.name
  }[each.value.bucket]
  role   = each.value.role
  member = local.members[each.value.account]
}

# The api lets IAM's signBlob sign URLs as the signing account, so there is no key that could leak.
resource "google_service_account_iam_member" "api_signs" {
  service_account_id = local.account_ids["signing"]
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = local.members["api"]
}

# The few roles on the project. Google Cloud can't give them on anything smaller.

resource "google_project_iam_member" "trigger_receives_events" {
  project = var.project_id
  role    = "roles/eventarc.eventReceiver"
  member  = local.members["trigger"]
}

resource "google_project_iam_member" "build_writes_logs" {
  project = var.project_id
  role    = "roles/logging.logWriter"
  member  = local.members["build"]
}

# Cloud Functions copies the archive into a bucket of its own, which does not exist before the first deployment. The
# condition limits this role to that bucket.
resource "google_project_iam_member" "build_reads_copied_sources" {
  project = var.project_id
  role    = "roles/storage.objectViewer"
  member  = local.members["build"]

  condition {
    title      = "${var.name} sources of functions"
    expression = "resource.name.startsWith(\"projects/_/buckets/gcf-v2-sources-\")"
  }
}

data "google_project" "this" {
  project_id = var.project_id
}

# Reading it makes Cloud Storage's own account, which a new project lacks.
data "google_storage_project_service_account" "agent" {
  project = var.project_id

  depends_on = [time_sleep.apis]
}

# Cloud Storage publishes an upload's event to the topic that Eventarc makes. All uploads depend on this grant, so nothing
# else may touch it. Its member is known at each plan, also when an option switches an API on. The condition, which always
# holds, makes it this installation's own: another one's destroy, or that of anything else that grants the same role,
# leaves it.
resource "google_project_iam_member" "agent_publishes" {
  project = var.project_id
  role    = "roles/pubsub.publisher"
  member  = "serviceAccount:service-${data.google_project.this.number}@gs-project-accounts.iam.gserviceaccount.com"

  condition {
    title      = "${var.name} events of uploads"
    expression = "request.time > timestamp(\"2021-01-01T00:00:00Z\")"
  }

  depends_on = [data.google_storage_project_service_account.agent]
}

# Before, the same grant had no condition. It stays in the project, since other installations may rely on it.
removed {
  from = google_project_iam_member.storage_publishes

  lifecycle {
    destroy = false
  }
}

# In a new project it takes a while until new roles and Eventarc's own service agent work. A function or a trigger
# that is created earlier fails.
resource "time_sleep" "grants" {
  create_duration = "120s"
  triggers        = { members = join(" ", values(local.members)) }

  depends_on = [
    google_artifact_registry_repository_iam_member.build_writes_images,
    google_project_iam_member.agent_publishes,
    google_project_iam_member.build_reads_copied_sources,
    google_project_iam_member.build_writes_logs,
    google_project_iam_member.trigger_receives_events,
    google_service_account_iam_member.api_signs,
    google_storage_bucket_iam_member.account,
  ]
}
