package import Primitives

/// Phantom types that keep identifiers of different things apart.
package enum OrganizationTag {}
package enum AccountTag {}
package enum UserTag {}
package enum MemberTag {}
package enum APITokenTag {}
package enum IdentityProviderTag {}
package enum GrantTag {}
package enum BridgeApplicationTag {}
package enum ShareTag {}
package enum ShareResourceTag {}
package enum ShareRecipientTag {}
package enum ApplicationTag {}
package enum PolicyTag {}
package enum PolicyTestTag {}
package enum GroupTag {}
package enum CustomPageTag {}
package enum ServiceTokenTag {}
package enum ServiceTokenClientTag {}
package enum AccessUserTag {}
package enum SeatTag {}
package enum AuditEventTag {}

package typealias OrganizationID = Identifier<OrganizationTag>
package typealias AccountID = Identifier<AccountTag>
package typealias UserID = Identifier<UserTag>
package typealias MemberID = Identifier<MemberTag>
package typealias APITokenID = Identifier<APITokenTag>
/// An identity provider of an account, or the connection that stands for one: both are named in the same places.
package typealias IdentityProviderID = Identifier<IdentityProviderTag>
package typealias GrantID = Identifier<GrantTag>
package typealias BridgeApplicationID = Identifier<BridgeApplicationTag>
package typealias ShareID = Identifier<ShareTag>
package typealias ShareResourceID = Identifier<ShareResourceTag>
package typealias ShareRecipientID = Identifier<ShareRecipientTag>
package typealias ApplicationID = Identifier<ApplicationTag>
package typealias PolicyID = Identifier<PolicyTag>
package typealias PolicyTestID = Identifier<PolicyTestTag>
package typealias GroupID = Identifier<GroupTag>
package typealias CustomPageID = Identifier<CustomPageTag>
package typealias ServiceTokenID = Identifier<ServiceTokenTag>
/// The public half of a service token, written `<32 hex>.access`.
package typealias ServiceTokenClientID = Identifier<ServiceTokenClientTag>
package typealias AccessUserID = Identifier<AccessUserTag>
package typealias SeatID = Identifier<SeatTag>
package typealias AuditEventID = Identifier<AuditEventTag>
