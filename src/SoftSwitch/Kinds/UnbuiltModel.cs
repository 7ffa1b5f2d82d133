using SoftSwitch.Model;

namespace SoftSwitch.Kinds;

/// <summary>A port whose kind isn't built or isn't known: it is held against the rest of the file, and the file is refused.</summary>
internal sealed record UnbuiltModel(string Word) : InterfaceModel
{
    public override string Kind => Word;
}
