using SoftSwitch.Model;

namespace SoftSwitch.State.Changes;

/// <summary>Whether two ports can't be open at one time, so that the one that goes has to go first.</summary>
internal static class Collision
{
    /// <param name="going">One that is there.</param>
    /// <param name="coming">One that is to come.</param>
    public static bool Of(PortModel going, PortModel coming) =>
        going.Name == coming.Name || (going, coming) is (InterfaceModel one, InterfaceModel other)
            && (HaveOneInterface(one, other) || HaveOneSubnet(one, other));

    /// <summary>A namespace may have two names, so both count for the same.</summary>
    private static bool HaveOneInterface(InterfaceModel one, InterfaceModel other) =>
        one.Interface == other.Interface && one.Netns is null == other.Netns is null;

    /// <summary>The host would have two ways to it.</summary>
    private static bool HaveOneSubnet(InterfaceModel one, InterfaceModel other) =>
        one is { IsOfHost: true, Address: { } here } && other is { IsOfHost: true, Address: { } there }
            && here.Subnet.Overlaps(there.Subnet);
}
