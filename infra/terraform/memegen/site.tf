locals {
  # A domain comes in two steps. Before its name and its certificate work, all stays as it was without it; the load
  # balancer is only made ready. The page in the bucket may use the api in both steps and afterwards, so that nobody who has
  # it open or goes to its address is shut out.
  behind_domain = var.domain != null && var.domain_live
  page_origin   = local.behind_domain ? "https://${var.domain}" : local.bucket_urls.site
  page_url      = local.behind_domain ? "${local.page_origin}/" : "${local.page_origin}/index.html"
  page_origins  = concat([local.bucket_urls.site], var.domain == null ? [] : ["https://${var.domain}"])
  api_url       = local.behind_domain ? "https://api.${var.domain}" : google_cloudfunctions2_function.function["api"].service_config[0].uri

  # The only addresses that the page may talk to beside its own site. Both config.js and the Content-Security-Policy are written from them.
  page_addresses = [
    { name = "api", url = local.api_url },
    { name = "uploads", url = local.bucket_urls.uploads },
    { name = "memes", url = local.bucket_urls.memes },
  ]
  languages = sort([for file in fileset(local.web, "words/*.js") : trimsuffix(basename(file), ".js")])
  config_js = join("", concat(
    [for address in local.page_addresses : "export const ${address.name} = \"${address.url}\";\n"],
    [
      "export const languages = ${jsonencode(local.languages)};\n",
      "export const contract = ${trimspace(file("${local.repository}/functions/memegen/contract.json"))};\n",
    ],
  ))
  index_html = replace(
    replace(
      file("${local.repository}/web/index.html"),
      "/connect-src [^;]*;/",
      "connect-src 'self' ${join(" ", local.page_addresses[*].url)};",
    ),
    "/(og:image\" content=\")[^\"]*(/samples)/",
    "$${1}${local.page_origin}$${2}",
  )

  web     = "${local.repository}/web"
  written = { "config.js" = local.config_js, "index.html" = local.index_html }

  # The service worker gets the names of the files that it keeps, and a hash of them and of what they hold. So it changes
  # with any of them, and browsers take the new one and its files.
  shell = sort([
    for name in setunion(fileset(local.web, "**"), keys(local.written)) : name
    if can(regex("\\.(html|js|css|svg|webp)$", name)) && name != "sw.js"
  ])
  shell_hashes = [
    for name in local.shell :
    contains(keys(local.written), name) ? sha256(local.written[name]) : filesha256("${local.web}/${name}")
  ]
  sw_js = join("", [
    "const version = \"${substr(sha256(join("", concat(local.shell, local.shell_hashes))), 0, 16)}\";\n",
    "const files = ${jsonencode(local.shell)};\n",
    file("${local.web}/sw.js"),
  ])
  generated = merge(local.written, { "sw.js" = local.sw_js })
  content_types = {
    css         = "text/css; charset=utf-8"
    html        = "text/html; charset=utf-8"
    ico         = "image/x-icon"
    jpg         = "image/jpeg"
    js          = "text/javascript; charset=utf-8"
    json        = "application/json"
    png         = "image/png"
    svg         = "image/svg+xml"
    txt         = "text/plain; charset=utf-8"
    webmanifest = "application/manifest+json"
    webp        = "image/webp"
    woff2       = "font/woff2"
  }
}

resource "google_storage_bucket_object" "page" {
  for_each = setunion(fileset(local.web, "**"), keys(local.generated))

  bucket         = google_storage_bucket.site.name
  name           = each.key
  content_type   = local.content_types[reverse(split(".", each.key))[0]]
  content        = contains(keys(local.generated), each.key) ? local.generated[each.key] : null
  source         = contains(keys(local.generated), each.key) ? null : "${local.web}/${each.key}"
  source_md5hash = contains(keys(local.generated), each.key) ? null : filemd5("${local.web}/${each.key}")
  # The files of one release belong together, but they have the same names in every release. So a browser asks each time
  # whether its copy is current. Pictures and fonts may be a day old.
  cache_control = can(regex("\\.(html|js|css|json|webmanifest)$", each.key)) ? "no-cache" : "public, max-age=86400"
}

# Everybody can read the page's objects but not list them.
resource "google_storage_bucket_iam_member" "anyone_reads_site" {
  #checkov:skip=CKV_GCP_28:The page is for everyone. No other bucket is public.
  count = var.public ? 1 : 0

  bucket = google_storage_bucket.site.name
  role   = "roles/storage.legacyObjectReader"
  member = "allUsers"
}
