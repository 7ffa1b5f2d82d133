using SoftSwitch.Config.Rows;

namespace SoftSwitch.Kinds;

/// <summary>The keys of a guest's port that no other has.</summary>
internal sealed class GuestKeys : Table<GuestModel>
{
    public static readonly ScalarRow<string> Owner = Key("owner", HostScalars.Owner,
        port => port.Owner, (port, owner) => port with { Owner = owner },
        "the user who may open the tap") with { Otherwise = "who runs the switch" };
}
