namespace SoftSwitch.SystemTests.Nat;

/// <summary>Guests behind the host's own address.</summary>
public sealed class SharedAddressTests(SharedAddressTests.Fixture fixture)
    : TranslationTests(fixture), IClassFixture<SharedAddressTests.Fixture>
{
    public sealed class Fixture() : Translator("{}");
}
