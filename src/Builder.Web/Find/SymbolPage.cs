using Builder.Web.Pages;

namespace Builder.Web.Find;

public sealed record SymbolPage(PageLayout PageLayout, SymbolAnswer Answer);
