/// Every code that the API answers, with the stable token its message begins with (contract 10 §6).
package enum ErrorCode: Int, Sendable, CaseIterable {
    case invalidAPIToken = 1000
    case accountCreationForbidden = 1002
    case invalidRequestHeaders = 6003
    case invalidAuthorizationHeader = 6111
    case globalKeyRefused = 6103
    case noRouteForURI = 7000
    case couldNotRoute = 7003
    case missingCredentials = 9106
    case tokenRefused = 9109
    case zeroTrustNotEnabled = 9999
    case authenticationError = 10000
    case methodNotAllowed = 10001
    case accessInvalidRequest = 12130
    case accessConflict = 12132
    case accessNotFound = 12135
    case accessReadOnly = 12136
    case organizationInvalid = 21000
    case organizationNotFound = 21001
    case organizationNotEmpty = 21002
    case organizationCycle = 21003
    case organizationLimit = 21004
    case lastAdministrator = 21005
    case accountInvalid = 21010
    case accountNotFound = 21011
    case accountInUse = 21012
    case memberInvalid = 21020
    case memberConflict = 21021
    case tokenInvalid = 21030
    case tokenEscalation = 21031
    case bridgeNoOrganization = 21100
    case bridgeNotFederable = 21101
    case bridgeLimit = 21102
    case bridgeExists = 21103
    case bridgeIdPHasGrant = 21104
    case bridgeIsPrimary = 21105
    case bridgeNoPrimary = 21106
    case bridgeEnforced = 21107
    case shareInvalid = 21200
    case shareOtherOrganization = 21201
    case shareConflict = 21202
    case entitlementExceeded = 21320
    case validationInvalidRequest = 21400
    case requestTooLarge = 21900
    case malformedJSON = 21901
    case invalidParameter = 21902
    case unsupportedMediaType = 21903
    case preconditionFailed = 21904
    case idempotencyMismatch = 21905
    case idempotencyInProgress = 21906
    case rateLimited = 21907
    case serverUnavailable = 21998
    case serverInternal = 21999

    /// What clients may match; the sentence after it they may not.
    package var token: String {
        switch self {
        case .invalidAPIToken: "Invalid API Token"
        case .accountCreationForbidden: "accounts.api.error.forbidden"
        case .invalidRequestHeaders: "Invalid request headers"
        case .invalidAuthorizationHeader: "Invalid format for Authorization header"
        case .globalKeyRefused: "Invalid format for X-Auth-Key header"
        case .noRouteForURI: "No route for that URI"
        case .couldNotRoute: "Could not route to"
        case .missingCredentials: "Missing X-Auth-Key, X-Auth-Email or Authorization headers"
        case .tokenRefused: "Invalid access token"
        case .zeroTrustNotEnabled: "access.api.error.not_enabled"
        case .authenticationError: "Authentication error"
        case .methodNotAllowed: "Method not allowed"
        case .accessInvalidRequest: "access.api.error.invalid_request"
        case .accessConflict: "access.api.error.conflict"
        case .accessNotFound: "access.api.error.not_found"
        case .accessReadOnly: "access.api.error.read_only"
        case .organizationInvalid: "organizations.api.error.invalid_request"
        case .organizationNotFound: "organizations.api.error.not_found"
        case .organizationNotEmpty: "organizations.api.error.not_empty"
        case .organizationCycle: "organizations.api.error.cycle"
        case .organizationLimit: "organizations.api.error.limit"
        case .lastAdministrator: "organizations.api.error.last_administrator"
        case .accountInvalid: "accounts.api.error.invalid_request"
        case .accountNotFound: "accounts.api.error.not_found"
        case .accountInUse: "accounts.api.error.in_use"
        case .memberInvalid: "members.api.error.invalid_request"
        case .memberConflict: "members.api.error.conflict"
        case .tokenInvalid: "tokens.api.error.invalid_request"
        case .tokenEscalation: "tokens.api.error.escalation"
        case .bridgeNoOrganization: "bridge.api.error.no_organization"
        case .bridgeNotFederable: "bridge.api.error.not_federable"
        case .bridgeLimit: "bridge.api.error.limit"
        case .bridgeExists: "bridge.api.error.exists"
        case .bridgeIdPHasGrant: "bridge.api.error.idp_has_grant"
        case .bridgeIsPrimary: "bridge.api.error.is_primary"
        case .bridgeNoPrimary: "bridge.api.error.no_primary"
        case .bridgeEnforced: "bridge.api.error.enforced"
        case .shareInvalid: "shares.api.error.invalid_request"
        case .shareOtherOrganization: "shares.api.error.other_organization"
        case .shareConflict: "shares.api.error.conflict"
        case .entitlementExceeded: "entitlements.api.error.exceeded"
        case .validationInvalidRequest: "tokens.validate.error.invalid_request"
        case .requestTooLarge: "request.too_large"
        case .malformedJSON: "request.malformed_json"
        case .invalidParameter: "request.invalid_parameter"
        case .unsupportedMediaType: "request.unsupported_media_type"
        case .preconditionFailed: "request.precondition_failed"
        case .idempotencyMismatch: "request.idempotency_mismatch"
        case .idempotencyInProgress: "request.idempotency_in_progress"
        case .rateLimited: "request.rate_limited"
        case .serverUnavailable: "server.unavailable"
        case .serverInternal: "server.internal"
        }
    }

    /// The HTTP status this code is answered with (contract 10 §6).
    package var status: Int {
        switch self {
        case .invalidAPIToken: 401
        case .accountCreationForbidden, .tokenRefused, .zeroTrustNotEnabled, .accessReadOnly, .tokenEscalation,
            .bridgeEnforced, .entitlementExceeded, .authenticationError:
            403
        case .invalidRequestHeaders, .invalidAuthorizationHeader, .globalKeyRefused, .missingCredentials,
            .accessInvalidRequest, .organizationInvalid, .accountInvalid, .memberInvalid, .tokenInvalid, .shareInvalid,
            .validationInvalidRequest, .malformedJSON, .invalidParameter:
            400
        case .noRouteForURI, .couldNotRoute, .accessNotFound, .organizationNotFound, .accountNotFound: 404
        case .methodNotAllowed: 405
        case .accessConflict, .organizationNotEmpty, .organizationCycle, .organizationLimit, .lastAdministrator,
            .accountInUse, .memberConflict, .bridgeNoOrganization, .bridgeNotFederable, .bridgeLimit, .bridgeExists,
            .bridgeIdPHasGrant, .bridgeIsPrimary, .bridgeNoPrimary, .shareOtherOrganization, .shareConflict,
            .idempotencyInProgress:
            409
        case .requestTooLarge: 413
        case .unsupportedMediaType: 415
        case .preconditionFailed: 412
        case .idempotencyMismatch: 422
        case .rateLimited: 429
        case .serverUnavailable: 503
        case .serverInternal: 500
        }
    }
}
