namespace SoftSwitch.Forwarding.Bridging;

/// <summary>Whom <see cref="Asker"/> is to ask.</summary>
/// <param name="Station">The station.</param>
/// <param name="At">Where it is known; null: nobody is asked.</param>
/// <param name="AlsoAt">Where it was before that, and is heard again; null: nowhere.</param>
/// <param name="Known">By what it can be asked; of an address, who has it.</param>
/// <param name="Said">The address that it is about; none: it is about the station.</param>
internal readonly record struct Question(ulong Station, Membership? At, Membership? AlsoAt, Whereabouts Known, SaidAddress Said);
