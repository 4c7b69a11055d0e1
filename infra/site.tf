locals {
  page_origin = var.domain == null ? local.bucket_urls.site : "https://${var.domain}"
  api_url     = var.domain == null ? google_cloudfunctions2_function.api.service_config[0].uri : "https://api.${var.domain}"

  # What the page may talk to: config.js and the Content-Security-Policy are written from these alone.
  page_addresses = [
    { name = "api", url = local.api_url },
    { name = "uploads", url = local.bucket_urls.uploads },
    { name = "memes", url = local.bucket_urls.memes },
  ]
  config_js = join("", [for address in local.page_addresses : "export const ${address.name} = \"${address.url}\";\n"])
  index_html = replace(
    file("${path.module}/../web/index.html"),
    "/connect-src [^;]*;/",
    "connect-src ${join(" ", local.page_addresses[*].url)};",
  )

  web = "${path.module}/../web"
  content_types = {
    css  = "text/css; charset=utf-8"
    html = "text/html; charset=utf-8"
    js   = "text/javascript; charset=utf-8"
    png  = "image/png"
    svg  = "image/svg+xml"
  }
}

resource "google_storage_bucket_object" "page" {
  for_each = fileset(local.web, "*")

  bucket       = google_storage_bucket.site.name
  name         = each.key
  content_type = local.content_types[reverse(split(".", each.key))[0]]
  content      = lookup({ "config.js" = local.config_js, "index.html" = local.index_html }, each.key, file("${local.web}/${each.key}"))
  # The files of a release belong together, and their names don't tell releases apart: a browser asks each
  # time whether its copy is current. Pictures may be a day old.
  cache_control = can(regex("\\.(html|js|css)$", each.key)) ? "no-cache" : "public, max-age=86400"
}

# Objects can be read but not listed.
resource "google_storage_bucket_iam_member" "anyone_reads_site" {
  #checkov:skip=CKV_GCP_28:The page is for everyone; no other bucket is.
  count = var.public ? 1 : 0

  bucket = google_storage_bucket.site.name
  role   = "roles/storage.legacyObjectReader"
  member = "allUsers"
}
