locals {
  # The log lines of both functions, and of on_upload alone. functions/cloud/processing.py writes the messages.
  logs_of_both      = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=(\"${var.name}-on-upload\" OR \"${var.name}-api\")"
  logs_of_on_upload = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${var.name}-on-upload\""
  slow_ms           = 15000

  log_filters = {
    errors  = "${local.logs_of_both} AND severity>=ERROR AND NOT jsonPayload.message=\"upload gave-up\""
    gave-up = "${local.logs_of_on_upload} AND jsonPayload.message=\"upload gave-up\""
    failed  = "${local.logs_of_on_upload} AND jsonPayload.message=\"upload failed\""
    done    = "${local.logs_of_on_upload} AND jsonPayload.message=\"upload done\""
    slow    = "${local.logs_of_on_upload} AND jsonPayload.message=\"upload done\" AND jsonPayload.total_ms>${local.slow_ms}"
  }
  channels = google_monitoring_notification_channel.email[*].id

  # The alerts match log lines and need no metric: an alert on a metric that nothing has been written to yet can't be
  # made for up to ten minutes. Each alert's e-mail says what to do, in the words of alerts/<key>.md.
  alerts = { errors = "errors", gave-up = "photos given up", slow = "slow memes" }
  what_to_do = {
    for key in keys(local.alerts) : key => templatefile("${path.module}/alerts/${key}.md", {
      name             = var.name
      slow_ms          = local.slow_ms
      photo_mib        = local.contract.limits.photo_bytes / 1048576
      photo_megapixels = local.contract.limits.photo_pixels / 1000000
    })
  }
}

resource "google_logging_metric" "count" {
  for_each = { for key in ["errors", "gave-up", "failed", "done"] : key => local.log_filters[key] }

  project     = var.project_id
  name        = "${var.name}/${each.key}"
  description = "Log lines of ${var.name}: ${each.key}"
  filter      = each.value

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"
  }

  depends_on = [time_sleep.apis]
}

resource "google_logging_metric" "duration" {
  project         = var.project_id
  name            = "${var.name}/duration"
  description     = "Milliseconds from an upload's event to its report"
  filter          = local.log_filters.done
  value_extractor = "EXTRACT(jsonPayload.total_ms)"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = "ms"
  }
  bucket_options {
    exponential_buckets {
      num_finite_buckets = 24
      growth_factor      = 1.5
      scale              = 50
    }
  }

  depends_on = [time_sleep.apis]
}

resource "google_monitoring_notification_channel" "email" {
  count = var.notify_email == null ? 0 : 1

  project      = var.project_id
  display_name = "${var.name} alerts"
  type         = "email"
  labels       = { email_address = var.notify_email }

  depends_on = [time_sleep.apis]
}

resource "google_monitoring_alert_policy" "alert" {
  for_each = local.alerts

  project               = var.project_id
  display_name          = "${var.name}: ${each.value}"
  combiner              = "OR"
  notification_channels = local.channels

  conditions {
    display_name = each.value
    condition_matched_log {
      filter = local.log_filters[each.key]
    }
  }
  alert_strategy {
    auto_close = "86400s"
    notification_rate_limit {
      period = "3600s"
    }
  }
  documentation {
    content   = "${local.what_to_do[each.key]}\nThe repository's docs/runbook.md has more.\n"
    mime_type = "text/markdown"
  }

  depends_on = [time_sleep.apis]
}

# A request log holds the path. Everybody who reads /memes/<id> there could see and delete the meme, so only paths without
# an id are kept. The functions' own lines never hold an id.
resource "google_logging_project_exclusion" "meme_ids" {
  project     = var.project_id
  name        = "${var.name}-meme-ids"
  description = "The api's requests whose path may hold a meme's id"
  filter      = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${var.name}-api\" AND httpRequest.requestUrl:* AND NOT httpRequest.requestUrl=~\"^https?://[^/]+/(health|uploads)$\""

  depends_on = [time_sleep.apis]
}

resource "google_monitoring_dashboard" "memegen" {
  project = var.project_id
  dashboard_json = jsonencode({
    displayName = var.name
    gridLayout = {
      columns = "2"
      widgets = [
        for chart in [
          { title = "Memes made", metric = "logging.googleapis.com/user/${var.name}/done", aligner = "ALIGN_SUM" },
          { title = "Milliseconds a meme, 95th percentile", metric = "logging.googleapis.com/user/${var.name}/duration", aligner = "ALIGN_PERCENTILE_95" },
          { title = "Photos refused", metric = "logging.googleapis.com/user/${var.name}/failed", aligner = "ALIGN_SUM" },
          { title = "Photos given up", metric = "logging.googleapis.com/user/${var.name}/gave-up", aligner = "ALIGN_SUM" },
          { title = "Errors", metric = "logging.googleapis.com/user/${var.name}/errors", aligner = "ALIGN_SUM" },
          { title = "Instances", metric = "run.googleapis.com/container/instance_count", aligner = "ALIGN_MAX" },
          { title = "Memory used, 99th percentile", metric = "run.googleapis.com/container/memory/utilizations", aligner = "ALIGN_PERCENTILE_99" },
          { title = "Requests", metric = "run.googleapis.com/request_count", aligner = "ALIGN_SUM" },
          ] : {
          title = chart.title
          xyChart = {
            dataSets = [{
              plotType = "LINE"
              timeSeriesQuery = {
                timeSeriesFilter = {
                  filter = "metric.type=\"${chart.metric}\" resource.type=\"cloud_run_revision\" resource.label.service_name=monitoring.regex.full_match(\"${var.name}-(api|on-upload)\")"
                  aggregation = {
                    alignmentPeriod  = "300s"
                    perSeriesAligner = chart.aligner
                  }
                }
              }
            }]
          }
        }
      ]
    }
  })

  depends_on = [time_sleep.apis]
}

resource "google_billing_budget" "month" {
  count = var.monthly_budget == null ? 0 : 1

  billing_account = var.billing_account
  display_name    = "${var.name} in ${var.project_id}"

  budget_filter {
    projects = ["projects/${data.google_project.this.number}"]
  }
  amount {
    specified_amount {
      units = tostring(var.monthly_budget)
    }
  }
  dynamic "threshold_rules" {
    for_each = [0.5, 0.9, 1]
    content {
      threshold_percent = threshold_rules.value
    }
  }
  dynamic "all_updates_rule" {
    for_each = var.notify_email == null ? [] : [local.channels]
    content {
      monitoring_notification_channels = all_updates_rule.value
    }
  }
}
