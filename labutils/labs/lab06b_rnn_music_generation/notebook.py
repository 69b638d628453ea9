# %% [markdown]
# # 06b
