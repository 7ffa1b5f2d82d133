namespace SoftSwitch.Forwarding.Bridging;

/// <summary>Whom <see cref="Asker"/> is to ask.</summary>
/// <param name="Station">The station, or an address (<see cref="AddressPlaces"/>).</param>
/// <param name="At">Where it is known; null: nobody is asked.</param>
/// <param name="AlsoAt">Where it was before that, and is heard again; null: nowhere.</param>
/// <param name="Known">By what it can be asked; who has the address.</param>
internal readonly record struct Question(ulong Station, Membership? At, Membership? AlsoAt, Whereabouts Known);
