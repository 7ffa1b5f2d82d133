namespace SoftSwitch.SystemTests.Nat;

/// <summary>Guests behind an address that the switch has beside the host's, with a MAC address of its own, and two workers that carry it
/// all.</summary>
public sealed class OwnAddressTests(OwnAddressTests.Fixture fixture) : TranslationTests(fixture), IClassFixture<OwnAddressTests.Fixture>
{
    public sealed class Fixture()
        : Translator($"{{ interface: nic, address: {World.OwnAddress}/24, gateway: {World.LanAddress} }}", workers: 2);
}
