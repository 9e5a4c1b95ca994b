package import Domain
package import JSON
import Primitives

/// The audit log on the wire (contract 20 §23).
extension AuditRow {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", uuid: id)
        if let account = event.account {
            writer.key("account")
            writer.beginObject()
            writer.member("id", hex: account)
            if let accountName { writer.member("name", accountName) }
            writer.endObject()
        } else if let organization = event.organization {
            writer.key("organization")
            writer.beginObject()
            writer.member("id", hex: organization)
            writer.endObject()
        }
        writer.key("action")
        writer.beginObject()
        writer.member("type", event.action.rawValue)
        writer.member("result", isSuccess ? "success" : "failure")
        writer.member("time", time: at, .microseconds)
        writer.member("description", event.description)
        writer.endObject()
        writeActor(to: &writer)
        writer.key("raw")
        writer.beginObject()
        writer.member("method", request.method)
        writer.member("uri", request.uri)
        writer.member("status_code", status)
        writer.member("user_agent", request.userAgent)
        writer.member("cf_ray_id", request.ray)
        writer.endObject()
        writer.key("resource")
        writer.beginObject()
        writer.member("id", event.resource.id)
        writer.member("type", event.resource.kind.rawValue)
        writer.member("product", event.resource.kind.product)
        writer.member("scope", scope)
        writer.member("request", raw: event.request)
        writer.member("response", raw: event.response)
        writer.endObject()
        writer.endObject()
    }

    private func writeActor(to writer: inout JSONWriter) {
        let actor = request.actor
        writer.key("actor")
        writer.beginObject()
        writer.member("type", actor.kind.rawValue)
        if let id = actor.id { writer.member("id", hex: id) }
        if let email = actor.email { writer.member("email", email) }
        writer.member("context", actor.context.rawValue)
        writer.member("ip_address", request.address)
        if let token = actor.token {
            writer.member("token_id", hex: token.id)
            writer.member("token_name", token.name)
        }
        if let agent = actor.agent {
            writer.member("oauth_client_id", agent.clientID)
            writer.member("oauth_client_name", agent.name)
        }
        writer.endObject()
    }
}

extension ProductCategory {
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("label", label)
        writer.member("value", rawValue)
        writer.key("products")
        writer.beginArray()
        for product in products {
            writer.beginObject()
            writer.member("label", product.label)
            writer.member("value", product.value)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }
}
